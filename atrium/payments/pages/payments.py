from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.kit.limits import LIMITS
from atrium.kit.money import Money
from atrium.kit.paging import page_of
from atrium.payments import billing_clock, queries, story, wallet_cards
from atrium.payments.actions import cancel_payment
from atrium.payments.leaving import lead_to_gateway
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import asks_for_fragment, render_page


@page("GET", who="anyone")
def history(request: HttpRequest) -> HttpResponse:
    """Show what the caller paid or set out to pay, the newest first."""
    caller = _caller(request)
    context = {
        "page": page_of(
            queries.payments_of(caller),
            after=request.GET.get("after"),
            size=LIMITS.page_items,
            order=("-opened_at", "-id"),
        ),
        "buy": wallet_cards.where_to_buy(caller),
    }
    return render_page(
        request,
        "payments/history.html",
        context,
        fragment="payments/parts/history.html",
    )


@page("GET", who="anyone")
def payment(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Show how a payment stands: what we know, and nothing that the browser brings."""
    found = queries.payment_of(_caller(request), payment_id)
    if asks_for_fragment(request) and request.GET.get("seen") == str(found.version):
        return HttpResponse(status=204)  # nothing new: who reads or is about to press stays there
    context = {
        "payment": found,
        "story": story.story_of(found),
        "changes": story.may_change(found),
        "given": story.given_for(found),
        "receipts": found.receipts.oldest_first(),
        "returned": Money(found.returned_minor, found.currency),
    }
    return render_page(
        request,
        "payments/payment.html",
        context,
        fragment="payments/parts/payment.html",
    )


@page("POST", who="somebody")
def checkout(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Lead to the gateway, once more if need be."""
    found = queries.payment_of(_caller(request), payment_id)
    return lead_to_gateway(request, found, at=billing_clock.now())


@page("POST", who="somebody")
def cancel(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Give up a payment that nobody has paid."""
    found = queries.payment_of(_caller(request), payment_id)
    cancel_payment(payment=found, at=billing_clock.now())
    messages.info(request, _("The payment is cancelled. Nothing was charged."))
    return HttpResponseRedirect(reverse("wallet:payment", args=[found.pk]))


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
