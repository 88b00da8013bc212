from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Query, Router

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.metering import queries
from atrium.metering.actions import let_credits_pay
from atrium.metering.schemas import (
    CallReceipt,
    CallReceiptPage,
    CreditsPayIn,
    CreditsPayOut,
    UsageLine,
    UsageLinePage,
    UsageOut,
)
from atrium.metering.sieve import NEWEST_FIRST, receipt_sieve
from atrium.metering.statistics import month_of, usage
from atrium.people.caller import Caller
from atrium.people.scopes import ACCOUNT, scope
from atrium.web.policy import policy

PREFIX = ""
router = Router(tags=["usage"])

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
OfModel = Annotated[str, Query("", max_length=190, description="Only of this model.")]
PaidWith = Annotated[str, Query("", max_length=7, description="Of: window, credits.")]
Since = Annotated[
    str, Query("", max_length=40, description="The first day, as 2026-11-21, in your time zone.")
]
Until = Annotated[
    str, Query("", max_length=40, description="The last day, which is included, as 2026-11-30.")
]
Only = Annotated[str, Query("", max_length=6, description="Of: done, failed; all when empty.")]


@router.get("/usage", response=UsageOut, summary="What you used")
@policy(who="somebody")
def read_usage(request: HttpRequest) -> UsageOut:
    """By day, by model and by room. The window is told by `/me`."""
    caller, now = _caller(request), clock.now()
    return UsageOut.told(
        usage(queries.receipts_of(caller), at=now),
        month_of(caller, at=now),
        credits_pay=queries.credits_may_pay(caller),
    )


@router.put("/usage/credits", response=CreditsPayOut, summary="Let your credits pay, or not")
@scope(ACCOUNT)
@policy(who="somebody")
def choose_payer(request: HttpRequest, chosen: CreditsPayIn) -> CreditsPayOut:
    """Where the window does not reach, they pay for the whole call; otherwise it is refused."""
    let_credits_pay(by=_caller(request), allowed=chosen.allowed, at=clock.now())
    return CreditsPayOut(allowed=chosen.allowed)


@router.get("/usage/log", response=UsageLinePage, summary="List what you did")
@policy(who="somebody")
def list_usage(
    request: HttpRequest, only: Only = "", after: After = None, size: Size = LIMITS.page_items
) -> UsageLinePage:
    """The newest first, with whether it came about."""
    lines = queries.log_of(_caller(request), only=only).select_related("model")
    page = page_of(lines, after=after, size=size, order=("-at", "-id"))
    return UsageLinePage(items=[UsageLine.of(one) for one in page.items], next=page.next)


@router.get("/receipts", response=CallReceiptPage, summary="List the receipts of your calls")
@policy(who="somebody")
def list_receipts(
    request: HttpRequest,
    model: OfModel = "",
    payer: PaidWith = "",
    since: Since = "",
    until: Until = "",
    after: After = None,
    size: Size = LIMITS.page_items,
) -> CallReceiptPage:
    """The newest first."""
    caller = _caller(request)
    sieve = receipt_sieve(caller, model=model, payer=payer, since=since, until=until)
    found = sieve.of(queries.receipts_of(caller).select_related("model"))
    page = page_of(found, after=after, size=size, order=NEWEST_FIRST)
    return CallReceiptPage(items=[CallReceipt.of(one) for one in page.items], next=page.next)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
