import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.kit.jsontext import BadJson, parse
from atrium.kit.limits import LIMITS

pytestmark = pytest.mark.once

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=30,
)


@given(DOCUMENTS)
def test_what_is_json_is_read_as_json_reads_it(document: Any) -> None:
    assert parse(json.dumps(document).encode(), max_depth=64) == document
    assert parse(json.dumps(document, ensure_ascii=False).encode()) == document


@given(st.binary())
def test_noise_is_refused_with_a_sentence(noise: Any) -> None:
    try:
        found = parse(noise)
    except BadJson as refusal:
        found = refusal
    if isinstance(found, BadJson):
        assert found.status == 400
        assert found.detail.endswith(".")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1,]",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"1e999",
        b"[1] [2]",
        b'"\\ud800"',
        b'{"\\u0000": 1}',
        b'"\\uDFFF"',
        b'"\x01"',
        b"\xff",
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        b"1" * 5000,
        b'"\\',
        b"'a'",
    ],
)
def test_what_is_no_json_is_refused(raw: Any) -> None:
    with pytest.raises(BadJson):
        parse(raw)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse(b'"\\ud83d\\ude80"') == "🚀"
    assert parse(b'"\\\\u0000"') == "\\u0000"


def test_depth_is_counted_outside_of_strings() -> None:
    assert parse(b"[" * 64 + b"]" * 64)
    with pytest.raises(BadJson) as caught:
        parse(b"[" * 65 + b"]" * 65)
    assert caught.value.limit == 64
    assert parse(json.dumps("[" * 1000 + '\\"[').encode()) == "[" * 1000 + '\\"['


def test_a_hundred_thousand_brackets_are_refused_before_parsing() -> None:
    for bomb in (b"[" * 10**6, b'{"a":' * 10**5, b"[" * 10**5 + b"]" * 10**5):
        with pytest.raises(BadJson, match="deeply"):
            parse(bomb)


def test_too_many_members_are_refused() -> None:
    with pytest.raises(BadJson) as caught:
        parse(b"[" + b"0," * LIMITS.json_members + b"0]")
    assert caught.value.limit == LIMITS.json_members


def test_a_string_without_an_end_costs_one_pass() -> None:
    # With one attempt for each quote these would take hours, and the test's time-out would end it.
    for bomb in (b'"' + b'\\"' * 10**6, b'"a' * 10**6, b'"' + b"\\" * (10**6 + 1)):
        with pytest.raises(BadJson):
            parse(bomb)


def test_what_is_packed_is_told_so() -> None:
    with pytest.raises(BadJson, match="packed with gzip"):
        parse(gzip.compress(b'{"model": "green"}'))
