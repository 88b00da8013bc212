import random
from typing import Any

import pytest

from atrium.payments.states import (
    DisputeFact,
    DisputeRank,
    Known,
    Progress,
    RefundFact,
    RefundRank,
    State,
)

pytestmark = pytest.mark.once

PAID = {"progress": Progress.PAID}


def refund(reference: str, amount: int, rank: RefundRank = RefundRank.DONE) -> dict[str, Any]:
    return {"refunds": [RefundFact(reference, amount, rank)]}


def dispute(rank: DisputeRank) -> dict[str, Any]:
    return {"disputes": [DisputeFact("d1", 1000, rank)]}


def state_after(*facts: dict[str, Any]) -> State:
    known = Known()
    for fact in facts:
        known = known.and_also(**fact)
    return known.state(1000)


def test_a_failed_payment_may_still_be_paid_and_not_the_reverse() -> None:
    failed = {"progress": Progress.FAILED}
    assert state_after(failed) == State.FAILED
    assert state_after(failed, PAID) == State.PAID
    assert state_after(PAID, failed) == State.PAID


def test_refunds_add_up_and_never_past_the_whole() -> None:
    assert state_after(PAID, refund("a", 300)) == State.PARTLY_REFUNDED
    assert state_after(PAID, refund("a", 300), refund("a", 300)) == State.PARTLY_REFUNDED
    assert state_after(PAID, refund("a", 300), refund("b", 700)) == State.REFUNDED
    assert (
        Known().and_also(**refund("a", 900)).and_also(**refund("b", 900)).returned_of(1000) == 1000
    )


def test_a_refund_that_fails_later_never_happened() -> None:
    assert state_after(PAID, refund("a", 1000), refund("a", 1000, RefundRank.FAILED)) == State.PAID


def test_what_went_back_was_paid() -> None:
    assert state_after(refund("a", 1000)) == State.REFUNDED
    assert state_after(dispute(DisputeRank.OPENED)) == State.PAID


def test_a_dispute_lost_returns_the_money_and_one_won_does_not() -> None:
    assert state_after(PAID, dispute(DisputeRank.OPENED), dispute(DisputeRank.WON)) == State.PAID
    assert state_after(PAID, dispute(DisputeRank.LOST)) == State.REFUNDED


def test_without_an_answer_it_is_unknown_until_something_is_known() -> None:
    assert Known().state(1000, is_unsure=True) == State.UNKNOWN
    assert Known().and_also(Progress.PAID).state(1000, is_unsure=True) == State.PAID


TRUTH = [
    {"progress": Progress.CREATED},
    {"progress": Progress.PROCESSING},  # authorised
    {"progress": Progress.FAILED},
    {"progress": Progress.PAID},  # captured
    PAID,
    refund("whole", 400),
    refund("part one", 100),
    refund("part two", 200),
    dispute(DisputeRank.OPENED),
    dispute(DisputeRank.LOST),
    dispute(DisputeRank.WON),
]


def test_ten_thousand_shuffles_end_in_the_same_state() -> None:
    told, ends, before = random.Random(4), set(), set()
    for _ in range(10_000):
        shuffled = [fact for fact in TRUTH if told.random() > 0.2]
        shuffled += told.choices(TRUTH, k=told.randrange(6))
        told.shuffle(shuffled)
        known = Known()
        for fact in shuffled:
            known = known.and_also(**fact)
        before.add(known.state(1000))
        for fact in TRUTH:  # the reconciler asks, and is told all of it
            known = known.and_also(**fact)
        ends.add((known.state(1000), known.returned_of(1000), known.is_disputed))
    assert ends == {(State.REFUNDED, 1000, False)}
    assert len(before) > 2, "what was dropped was missing"
