"""A post in one call does what row by row through the ORM does, whatever is posted."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from atrium.ledger import posting
from atrium.ledger.models import CREDIT, FULLEST, Account, Entry, Leg
from atrium.ledger.posting import AccountName, Overdrawn, Overfull
from bench import ledger_plain

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WALLET, DEBT, ISSUED = Account.Purpose.WALLET, Account.Purpose.DEBT, Account.Purpose.ISSUED
Write = Callable[..., int | None]
NAMES: list[AccountName] = [
    *((f"person:{number}", use, CREDIT) for number in range(4) for use in (WALLET, DEBT)),
    ("person:0", WALLET, "USD"),
    ("platform", ISSUED, CREDIT),
    ("platform", ISSUED, "USD"),
    ("platform:sandbox", Account.Purpose.CLEARING, "USD"),
]


def outcome(write: Write, key: str, moves: Mapping[AccountName, int]) -> str:
    try:
        number = write(key=key, kind="x", about=("", None), moves=moves, at=NOON)
    except (Overdrawn, Overfull) as refused:
        return type(refused).__name__
    return "taken" if number is None else "posted"


def as_told(mark: str, moves: Mapping[AccountName, int]) -> dict[AccountName, int]:
    """Give each of the two ways its own holders."""
    return {
        (f"{holder}:{mark}", use, asset): amount for (holder, use, asset), amount in moves.items()
    }


def left(mark: str) -> dict[tuple[str, str, str], int | None]:
    accounts = Account.objects.filter(holder__endswith=f":{mark}")
    return {
        (one.holder.removesuffix(f":{mark}"), one.purpose, one.asset): one.balance
        for one in accounts
        if one.balance != 0  # a refused post may have opened what stays empty
    }


def legs(mark: str) -> list[tuple[str, str, str, int]]:
    found = Leg.objects.filter(entry__key__endswith=f":{mark}")
    return sorted(
        (entry.removesuffix(f":{mark}"), holder.removesuffix(f":{mark}"), purpose, amount)
        for entry, holder, purpose, amount in found.values_list(
            "entry__key", "account__holder", "account__purpose", "amount"
        )
    )


@pytest.mark.parametrize("seed", range(3))
def test_both_say_the_same_and_leave_the_same(seed: int) -> None:
    chance = random.Random(seed)
    outcomes = set()
    for number in range(200):
        key = f"{chance.randrange(max(1, number))}" if chance.random() < 0.2 else f"{number}"
        amounts = [-30, -5, 1, 7, 40, FULLEST - 20]
        moves: dict[AccountName, int] = {
            name: chance.choices(amounts, weights=[3, 6, 6, 6, 3, 0.1])[0]
            for name in chance.sample(NAMES, chance.randrange(1, 5))
        }
        said = {
            mark: outcome(write, f"{key}:{mark}", as_told(mark, moves))
            for mark, write in (("ours", posting.write), ("plain", ledger_plain.write))
        }
        assert said["ours"] == said["plain"], (number, key, moves)
        outcomes.add(said["ours"])

    assert left("ours") == left("plain")
    assert legs("ours") == legs("plain")
    assert outcomes >= {"posted", "taken", "Overdrawn"}


def test_what_overfills_an_account_is_refused_by_both() -> None:
    for mark, write in (("ours", posting.write), ("plain", ledger_plain.write)):
        holder: AccountName = ("person:0", WALLET, CREDIT)
        assert outcome(write, f"a:{mark}", as_told(mark, {holder: FULLEST})) == "posted"
        assert outcome(write, f"b:{mark}", as_told(mark, {holder: 1})) == "Overfull"

    assert Entry.objects.count() == 2
