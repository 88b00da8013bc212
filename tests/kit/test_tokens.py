from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.kit import tokens

pytestmark = pytest.mark.once


def test_a_token_is_typed_and_says_nothing_twice() -> None:
    first, second = tokens.mint("key"), tokens.mint("key")
    assert first != second
    assert first.startswith("atr_key_")
    assert tokens.looks_right(first, "key")
    assert not tokens.looks_right(first, "guest")
    assert tokens.kind_of(first) == "key"


@given(st.data())
def test_one_changed_character_is_seen_without_the_database(data: st.DataObject) -> None:
    token = tokens.mint_from("reset", data.draw(st.binary(min_size=32, max_size=32)))
    place = data.draw(st.integers(len("atr_reset_"), len(token) - 1))
    other = data.draw(st.sampled_from("0Az-_ ४\0").filter(lambda mark: mark != token[place]))
    assert not tokens.looks_right(token[:place] + other + token[place + 1 :], "reset")


@given(st.text())
def test_noise_is_no_token_and_no_error(noise: Any) -> None:
    assert tokens.kind_of(noise) is None
    assert len(tokens.digest(noise)) == 64


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_a_list_shows_the_kind_and_at_most_four_characters_of_the_secret(kind: Any) -> None:
    token = tokens.mint(kind)
    shown = tokens.shown(token)
    assert len(shown) <= 16
    assert len(shown.removesuffix("…")) - len(f"atr_{kind}_") <= 4
    assert token.startswith(shown.removesuffix("…"))


def test_a_token_cut_short_or_doubled_is_refused() -> None:
    token = tokens.mint("key")
    assert not tokens.looks_right(token[:-1], "key")
    assert not tokens.looks_right(token + "\n", "key")
    assert not tokens.looks_right(token * 2, "key")


@pytest.mark.parametrize("kind", ["", "Key", "a_b", "thirteenchars"])
def test_a_kind_is_a_short_word(kind: Any) -> None:
    with pytest.raises(ValueError, match="kind of token"):
        tokens.mint(kind)
