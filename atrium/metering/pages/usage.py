from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.metering import queries, tables
from atrium.metering.actions import let_credits_pay
from atrium.metering.forms import ReceiptSieveForm
from atrium.metering.meter import WARNS, WARNS_LOUDLY, said_of
from atrium.metering.sieve import NEWEST_FIRST, receipt_sieve
from atrium.metering.statistics import DAYS, month_of, usage
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page

_SIEVE = ("model", "payer", "since", "until")


@page("GET", who="somebody")
def overview(request: HttpRequest) -> HttpResponse:
    """Show the caller's window, the month of their plan, and what the last days took."""
    caller, now = _caller(request), clock.now()
    window = queries.window_of(caller, now)
    context = {
        "window": window,
        "window_said": said_of(window),
        "low": window.percent >= WARNS,
        "very_low": window.percent >= WARNS_LOUDLY,
        "credits_pay": queries.credits_may_pay(caller),
        "month": month_of(caller, at=now),
        "usage": usage(queries.receipts_of(caller), at=now),
        "days": DAYS,
    }
    return render_page(request, "metering/usage.html", context)


@page("POST", who="somebody")
def credits_pay(request: HttpRequest) -> HttpResponse:
    """Let credits pay where the window does not reach, or no longer."""
    allowed = request.POST.get("allowed") == "yes"
    let_credits_pay(by=_caller(request), allowed=allowed, at=clock.now())
    said = (
        _("Your credits pay where the plan does not reach.")
        if allowed
        else _("Your credits pay for nothing by themselves.")
    )
    messages.success(request, said)
    return HttpResponseRedirect(reverse("metering:usage"))


@page("GET", who="somebody")
def receipts(request: HttpRequest) -> HttpResponse:
    """List the receipts of the caller's calls, the newest first."""
    caller = _caller(request)
    mine = queries.receipts_of(caller)
    form = ReceiptSieveForm(request.GET, caller=caller, receipts=mine)
    listed = None
    if form.is_valid():
        listed = page_of(
            form.sieve.of(mine.select_related("model")),
            after=request.GET.get("after"),
            size=LIMITS.page_items,
            order=NEWEST_FIRST,
        )
    context = {"form": form, "page": listed, "query": form.query()}
    status = 200 if listed else 422
    return render_page(request, "metering/receipts.html", context, status=status)


@page("GET", who="somebody")
def receipts_csv(request: HttpRequest) -> HttpResponseBase:
    """Send the receipts as a table, to the last millionth of a credit."""
    caller = _caller(request)
    sieve = receipt_sieve(caller, **{name: request.GET.get(name, "") for name in _SIEVE})
    return tables.send_table(
        request,
        sieve.of(queries.receipts_of(caller)),
        name="receipts",
        heads=tables.receipt_heads(),
        row=tables.receipt_row,
    )


@page("GET", who="somebody")
def log(request: HttpRequest) -> HttpResponse:
    """List what the caller did or tried to do, the newest first."""
    only = request.GET.get("only", "")
    lines = queries.log_of(_caller(request), only=only).select_related("model")
    listed = page_of(
        lines, after=request.GET.get("after"), size=LIMITS.page_items, order=("-at", "-id")
    )
    context = {"page": listed, "only": only, "query": f"only={only}&" if only else ""}
    return render_page(request, "metering/log.html", context)


@page("GET", who="somebody")
def log_csv(request: HttpRequest) -> HttpResponseBase:
    """Send the log as a table."""
    lines = queries.log_of(_caller(request), only=request.GET.get("only", ""))
    heads = tables.log_heads()
    return tables.send_table(request, lines, name="usage", heads=heads, row=tables.log_row)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
