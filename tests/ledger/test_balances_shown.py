"""Whatever page shows a balance shows the sum of the books, and the new one after the next entry.

No list of pages is kept: every address that takes nothing is asked for, and those that show it are
found by a number that nothing else is.
"""

from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from atrium.kit.credits import MICRO
from atrium.ledger.models import Account, Leg
from atrium.ledger.queries import first_difference
from atrium.people.models import User
from tests import make
from tests.house.matrix.routes import every_way
from tests.ledger.books import audience, charge, give

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

SHOWING = {"/", "/wallet", "/wallet/statement", "/files", "/api/v1/me", "/api/v1/ledger/balances"}
HISTORIES = {"/wallet", "/wallet/statement", "/wallet/statement.csv", "/api/v1/ledger/entries"}
"""Which go on showing what was left after earlier lines."""
FINANCE = "/console/ledger/account/?q=alice"


def summed(who: User) -> int:
    """Return what the legs say that somebody may spend; no balance is looked at."""
    theirs = Leg.objects.filter(
        account__holder=audience(who), account__purpose=Account.Purpose.WALLET
    )
    return int(theirs.aggregate(sum=Sum("amount"))["sum"])


def shapes(micro: int) -> list[str]:
    """Return how an amount of whole hundredths is written in pages, in tables and in the API."""
    whole, part = divmod(micro // (MICRO // 100), 100)
    return [f"{whole:,}.{part:02}", f"{whole}.{part:02}", str(micro)]


def showing(client: Client, addresses: list[str], micro: int) -> set[str]:
    found = set()
    for address in addresses:
        answer: Any = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if any(shape.encode() in body for shape in shapes(micro)):
            found.add(address)
    return found


def test_every_balance_shown_is_the_sum_of_the_books(alice: User) -> None:
    addresses = sorted(
        asked.route
        for asked in every_way()
        if asked.method == "GET" and asked.policy and "<" not in asked.route
    )
    reader, finance = Client(), make.enter(Client(), make.person(staff_areas=["finance"]))
    reader.force_login(alice)
    give(alice, 7531.86)
    first = summed(alice)

    shown = showing(reader, addresses, first)

    assert shown >= SHOWING
    assert showing(finance, [FINANCE], first) == {FINANCE}
    charge(alice, 617.23)
    second = summed(alice)
    assert second == first - 617_230_000
    assert showing(reader, addresses, second) >= shown
    assert showing(reader, addresses, first) <= HISTORIES
    assert showing(finance, [FINANCE], second) == {FINANCE}
    assert first_difference() is None
