"""The judge of the kills in the middle of answers proves itself: it says what does not agree."""

from typing import Any

import pytest

from bench.journal import GAP, PROMPT_TOKENS, Entry, written
from bench.kills_streams import Attempt, unbilled_of, wrong_with

ENTRY = Entry("chat-1", 30, is_stream=True, times=[at * GAP for at in range(30)])


def a_receipt(tokens: int, **more: Any) -> dict[str, Any]:
    told = {"tokens_in": PROMPT_TOKENS, "tokens_out": tokens, "charged": PROMPT_TOKENS + tokens}
    return {**told, "asked": "chat-1 x30", "text": written(tokens), **more}


def an_attempt(pieces: int, **more: Any) -> Attempt:
    return Attempt("chat-1", "", 0, pieces=pieces, **more)


@pytest.mark.once
@pytest.mark.parametrize(
    ("receipt", "attempt", "said"),
    [
        (a_receipt(12), an_attempt(14), []),
        (a_receipt(0, charged=0), an_attempt(14), []),
        (a_receipt(30), an_attempt(30, is_whole=True), []),
        (a_receipt(31), an_attempt(14), ["billed for 31 tokens, and the engine wrote 30"]),
        (a_receipt(12, charged=80), an_attempt(14), ["charged 80 for 9 and 12"]),
        (a_receipt(0), an_attempt(14), ["charged 9 for 9 and 0"]),
        (
            a_receipt(12, text=written(14)),
            an_attempt(14),
            [f"billed for 12 tokens, and shows {written(14)!r}"],
        ),
        (
            a_receipt(12),
            an_attempt(11, is_read_whole_way=True),
            ["billed for 12 tokens, and 11 came to the caller"],
        ),
        (a_receipt(12), an_attempt(30, is_whole=True), ["read 30 of 30, and paid for 12"]),
    ],
)
def test_what_does_not_agree_is_said(
    receipt: dict[str, Any], attempt: Attempt, said: list[str]
) -> None:
    assert wrong_with(receipt, ENTRY, attempt) == said


@pytest.mark.once
def test_what_was_lost_is_counted_up_to_the_kill() -> None:
    found = unbilled_of(a_receipt(5), ENTRY, [2 * GAP, 20 * GAP, 90 * GAP])

    assert found is not None
    assert (found.kill, found.pieces) == (20 * GAP, 16)
    assert unbilled_of(a_receipt(30), ENTRY, [20 * GAP]) is None
    assert unbilled_of(a_receipt(5), ENTRY, []) is None
