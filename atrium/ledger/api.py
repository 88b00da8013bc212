from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Query, Router

from atrium.kit.limits import LIMITS
from atrium.ledger import statement
from atrium.ledger.models import CREDIT
from atrium.ledger.schemas import BalanceOut, Balances, LineOut, LinePage
from atrium.people.caller import Caller
from atrium.web.policy import policy

PREFIX = "/ledger"
router = Router(tags=["ledger"])

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
Kind = Annotated[str, Query("", max_length=40, description="Only lines of this kind.")]
Since = Annotated[
    str, Query("", max_length=40, description="The first day, as 2026-11-21, in your time zone.")
]
Until = Annotated[
    str, Query("", max_length=40, description="The last day, which is included, as 2026-11-30.")
]
Asset = Annotated[
    str, Query(CREDIT, max_length=16, description="`CREDIT`, or the code of a currency.")
]


@router.get("/balances", response=Balances, summary="What is yours")
@policy(who="somebody")
def read_balances(request: HttpRequest) -> Balances:
    """To spend, set aside, frozen, and owed."""
    found = statement.balances_of(_caller(request))
    return Balances(items=[BalanceOut.of(one) for one in found])


@router.get("/entries", response=LinePage, summary="Your statement")
@policy(who="somebody")
def list_entries(
    request: HttpRequest,
    kind: Kind = "",
    since: Since = "",
    until: Until = "",
    asset: Asset = CREDIT,
    after: After = None,
    size: Size = LIMITS.page_items,
) -> LinePage:
    """The newest first. What was set aside and given back whole is no line."""
    caller = _caller(request)
    sieve = statement.sieve_of(caller, kind=kind, since=since, until=until)
    page = statement.page_of_lines(caller, sieve, after=after, size=size, asset=asset)
    return LinePage(items=[LineOut.of(line) for line in page.items], next=page.next)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
