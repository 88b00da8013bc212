import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.web.json_depth import DepthGauge

pytestmark = pytest.mark.once
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(string.printable + '“\\"[]{}'),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.text('ab"\\[{', max_size=3), inside, max_size=3)
    ),
    max_leaves=20,
)


def depth(document: Any) -> int:
    if isinstance(document, list):
        return 1 + max(map(depth, document), default=0)
    if isinstance(document, dict):
        return 1 + max(map(depth, document.values()), default=0)
    return 0


@given(documents, st.integers(1, 9))
def test_it_says_the_depth_that_a_parser_finds(document: Any, size: int) -> None:
    raw = json.dumps(document, ensure_ascii=False).encode()
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    found = depth(document)

    enough, short = DepthGauge(found), DepthGauge(found - 1)

    assert all(enough.bears(piece) for piece in pieces)
    assert found == 0 or not all([short.bears(piece) for piece in pieces])  # noqa: C419


def test_brackets_in_a_string_are_no_depth() -> None:
    assert DepthGauge(1).bears(b'["[[[[[[\\"[[[[[["]')


@given(st.lists(st.sampled_from(['"', "\\", "[", "]", "{", "x"])).map("".join), st.integers(1, 9))
def test_where_a_text_is_cut_makes_no_difference(text: str, size: int) -> None:
    raw = text.encode()
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]

    at_once, in_pieces = DepthGauge(3), DepthGauge(3)

    assert at_once.bears(raw) == all(in_pieces.bears(piece) for piece in pieces)
