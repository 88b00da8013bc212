from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from atrium.files.delivery import deliver
from atrium.kit import clock
from atrium.payments import queries
from atrium.payments.receipts.files import parcel_of
from atrium.payments.receipts.sheet import sheet_of
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="anyone")
def receipt(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    """Show what was paid, or went back, as it was written down then."""
    found = queries.receipt_of(_caller(request), receipt_id)
    context = {"receipt": found, "sheet": sheet_of(found)}
    return render_page(request, "payments/receipt.html", context)


@page("GET", who="anyone")
def receipt_pdf(request: HttpRequest, receipt_id: UUID) -> HttpResponseBase:
    """Send the receipt as a PDF."""
    found = queries.receipt_of(_caller(request), receipt_id)
    return deliver(request, parcel_of(found, at=clock.now()))


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
