"""Everything that a gateway can tell, doubled, dropped and in any order, through the database."""

import json
import random
from collections import Counter as Tally
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from atrium.kit import clock as kit_clock
from atrium.kit.credits import MICRO
from atrium.ledger.models import Entry, Leg
from atrium.ledger.queries import first_difference
from atrium.payments.actions import inbox, reconciling
from atrium.payments.learning import learn
from atrium.payments.models import Payment
from atrium.payments.states import (
    DisputeFact,
    DisputeRank,
    Progress,
    RefundFact,
    RefundRank,
    State,
)
from tests import make
from tests.jobs.racing import race
from tests.payments.conftest import Counter, Jar
from tests.payments.knocking import a_payment, begun, deliver, standing_of

AMOUNT = 1000
FACTS: dict[str, dict[str, Any]] = {
    "created": {"progress": Progress.CREATED},
    "authorised": {"progress": Progress.PROCESSING},
    "failed": {"progress": Progress.FAILED},
    "captured": {"progress": Progress.PAID},
    "paid": {"progress": Progress.PAID},
    "refunded": {"refunds": (RefundFact("r0", 400, RefundRank.DONE),)},
    "first part": {"refunds": (RefundFact("r1", 100, RefundRank.DONE),)},
    "second part": {"refunds": (RefundFact("r2", 200, RefundRank.DONE),)},
    "dispute opened": {"disputes": (DisputeFact("d", 300, DisputeRank.OPENED),)},
    "dispute lost": {"disputes": (DisputeFact("d", 300, DisputeRank.LOST),)},
    "dispute won": {"disputes": (DisputeFact("d", 300, DisputeRank.WON),)},
}
CREDITS = 12_345_677  # micro-credits, which 1000 does not divide


def alone(name: str) -> dict[str, Any]:
    """What a gateway says that knows of nothing else: the oldest of its copies, as it were."""
    return {"progress": Progress.CREATED, **FACTS[name]}


def altogether(names: Any) -> dict[str, Any]:
    """What it says when it knows all of it."""
    told = [FACTS[name] for name in names]
    return {
        "progress": max((one.get("progress", Progress.CREATED) for one in told), default=0),
        "refunds": tuple(fact for one in told for fact in one.get("refunds", ())),
        "disputes": tuple(fact for one in told for fact in one.get("disputes", ())),
    }


@dataclass(frozen=True)
class End:
    """Where it stands, and what the books say of it."""

    state: str
    returned: int
    is_frozen: bool
    sums: tuple[Any, ...]
    given: int

    @classmethod
    def of(cls, payment: Payment) -> "End":
        payment.refresh_from_db()
        entries = Entry.objects.filter(about_id=payment.pk)
        legs = Leg.objects.filter(entry__in=entries).values("account__purpose", "account__asset")
        sums = {
            (row["account__purpose"], row["account__asset"]): row["sum"]
            for row in legs.annotate(sum=Sum("amount"))
            if row["sum"]
        }
        given = entries.filter(kind="bought").count()
        return cls(
            str(payment.state),
            payment.returned_minor,
            bool(payment.frozen_at),
            tuple(sorted(sums.items())),
            given,
        )


def bought(key: str) -> Payment:
    return begun(
        make.guest(),
        minor=AMOUNT,
        purpose="credits",
        key=key,
        snapshot={"package": "", "credits": CREDITS},
    )


def expected(names: Any) -> tuple[str, int, bool]:
    """Say where it should end, from the words alone."""
    has = set(names)
    back = {"refunded": 400, "first part": 100, "second part": 200, "dispute lost": 300}
    returned = sum(amount for name, amount in back.items() if name in has)
    disputed = "dispute opened" in has and not has & {"dispute lost", "dispute won"}
    if has & {"captured", "paid", "dispute opened", "dispute won", *back}:
        state = "refunded" if returned == AMOUNT else "partly_refunded" if returned else "paid"
    elif "failed" in has:
        state = "failed"
    else:
        state = "processing" if "authorised" in has else "pending"
    return state, returned, disputed


def shuffled(told: random.Random, names: list[str]) -> list[str]:
    """Return them with repeats, with drops, in any order."""
    kept = [name for name in names if told.random() > 0.3]
    again = told.choices(names, k=told.randrange(4)) if names else []
    mixed = [*kept, *again]
    told.shuffle(mixed)
    return mixed


def learnt_at_once(truth: Any) -> End:
    payment = bought("plain")
    return End.of(
        learn(payment=payment, standing=standing_of(payment, **truth), at=kit_clock.now())
    )


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(6))
def test_fifty_of_three_hundred_shuffles_end_where_the_truth_ends(
    counter: Counter, part: Any
) -> None:
    told = random.Random(f"shuffle {part}")
    ends: Tally[Any] = Tally()
    plain: dict[Any, Any] = {}
    for _number in range(50):
        names = list(FACTS)
        if part >= 4:  # not everything happened
            names = [name for name in names if told.random() > 0.75]
        mixed, truth = bought("mixed"), altogether(names)
        if tuple(names) not in plain:
            plain[tuple(names)] = learnt_at_once(truth)
        order = shuffled(told, names)
        for name in order:
            learn(payment=mixed, standing=standing_of(mixed, **alone(name)), at=kit_clock.now())
        counter.says = standing_of(mixed, **truth)
        reconciling.look_at(payment=mixed, at=kit_clock.now())
        end = End.of(mixed)
        assert end == plain[tuple(names)], order
        assert (end.state, end.returned, end.is_frozen) == expected(names), order
        assert end.given == (end.state not in {"failed", "processing", "pending"}), order
        ends[end.state] += 1
    assert len(ends) >= 4 if part >= 4 else ends == {State.REFUNDED: 50}
    assert first_difference() is None


@pytest.mark.django_db(transaction=True)
def test_shuffled_deliveries_through_the_door_end_there_too(counter: Counter) -> None:
    told, client = random.Random(23), Client()
    payment = bought("one")
    for number, name in enumerate(shuffled(told, [*FACTS, *FACTS])):
        raw = {"id": f"e{number % 7}", "type": name, "reference": payment.reference}
        counter.says = standing_of(payment, **alone(name))
        assert deliver(client, json.dumps(raw).encode()).status_code == 200
        inbox.take_deliveries(at=kit_clock.now())
    counter.says = standing_of(payment, **altogether(FACTS))
    reconciling.look_at(payment=payment, at=kit_clock.now())
    end = End.of(payment)
    assert (end.state, end.returned, end.given) == (State.REFUNDED, AMOUNT, 1)
    assert first_difference() is None


@pytest.mark.django_db(transaction=True)
def test_sixty_four_who_learn_of_one_payment_give_once(counter: Counter) -> None:
    payment = bought("one")
    standing = standing_of(payment, transaction_ref="t1")
    states = race(
        64, lambda _number: learn(payment=payment, standing=standing, at=kit_clock.now()).state
    )
    assert set(states) == {State.PAID}
    end = End.of(payment)
    assert end.given == 1
    assert dict(end.sums)[("wallet", "CREDIT")] == CREDITS
    assert first_difference() is None


@pytest.mark.django_db(transaction=True)
def test_one_transaction_offered_for_sixteen_payments_pays_for_one(
    counter: Counter, jar: Jar
) -> None:
    payments = [a_payment(make.guest(), key=str(number)) for number in range(16)]
    standings = [standing_of(payment, transaction_ref="t1") for payment in payments]
    race(
        16,
        lambda number: learn(
            payment=payments[number], standing=standings[number], at=kit_clock.now()
        ),
    )
    marked = Payment.objects.filter(needs_look="transaction").count()
    assert (len(jar.done), marked) == (1, 15)


assert CREDITS % MICRO  # parts of credits go back exactly, too
