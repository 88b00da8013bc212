"""How the shell shows the wallet, and what stands in it from the start."""

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from atrium.ledger.statement import Sieve, balances_of, page_of_lines
from atrium.payments import queries, wallet_cards
from atrium.payments.states import OPEN
from atrium.payments.wallet_cards import Card, Link
from atrium.people.caller import Caller
from atrium.web.shell import Room, register_room

LINES = 6
RUNNING = 5


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _credits(request: HttpRequest) -> Mapping[str, Any]:
    caller = _caller(request)
    buy = wallet_cards.where_to_buy(caller)
    return {"balance": balances_of(caller)[0], "buy": buy, "is_guest": not caller.is_member}


def _running(request: HttpRequest) -> Mapping[str, Any] | None:
    open_ones = queries.payments_of(_caller(request)).filter(state__in=OPEN)
    found = list(open_ones.order_by("-opened_at", "-id")[:RUNNING])
    return {"payments": found} if found else None


def _statement(request: HttpRequest) -> Mapping[str, Any]:
    return {"lines": page_of_lines(_caller(request), Sieve(), after=None, size=LINES).items}


register_room(
    Room(
        key="wallet",
        title=gettext_lazy("Wallet"),
        url_name="wallet:room",
        icon="wallet",
        order=80,
        who="somebody",
        api=("payments", "ledger", "plans", "subscription", "packages", "credits", "coupons"),
    )
)
wallet_cards.register(
    Card(key="credits", order=10, template="payments/cards/credits.html", context=_credits)
)
wallet_cards.register(
    Card(key="running", order=20, template="payments/cards/running.html", context=_running)
)
wallet_cards.register(
    Card(key="statement", order=30, template="payments/cards/statement.html", context=_statement)
)
wallet_cards.register_link(
    Link(
        key="payments",
        order=20,
        title=gettext_lazy("Payments"),
        url_name="wallet:history",
        icon="receipt",
    )
)
wallet_cards.register_link(
    Link(
        key="statement",
        order=30,
        title=gettext_lazy("Statement"),
        url_name="ledger:statement",
        icon="list",
    )
)
