from typing import Annotated, Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from atrium.files.delivery import deliver
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.payments import billing_clock, queries
from atrium.payments.actions import cancel_payment
from atrium.payments.receipts.files import parcel_of
from atrium.payments.schemas import PaymentOut, PaymentPage
from atrium.people.caller import Caller
from atrium.people.scopes import ACCOUNT, scope
from atrium.web.policy import policy
from atrium.web.schemas import errors

PREFIX = "/payments"
router = Router(tags=["payments"])

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
_PDF: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The PDF.",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


@router.get("", response=PaymentPage, summary="List your payments")
@policy(who="somebody")
def list_payments(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> PaymentPage:
    """The newest first, with their receipts."""
    found = queries.payments_of(_caller(request)).prefetch_related("receipts")
    page = page_of(found, after=after, size=size, order=("-opened_at", "-id"))
    return PaymentPage(items=[PaymentOut.of(one) for one in page.items], next=page.next)


@router.get(
    "/{uuid:payment_id}",
    response={200: PaymentOut, **errors(404)},
    summary="How a payment stands",
)
@policy(who="somebody")
def get_payment(request: HttpRequest, payment_id: UUID) -> PaymentOut:
    """What we know of it now. Ask again while it is `pending`, `processing` or `unknown`."""
    return PaymentOut.of(queries.payment_of(_caller(request), payment_id))


@router.post(
    "/{uuid:payment_id}/cancel",
    response={200: PaymentOut, **errors(404, 409)},
    summary="Give up a payment",
)
@scope(ACCOUNT)
@policy(who="somebody")
def cancel(request: HttpRequest, payment_id: UUID) -> PaymentOut:
    """One that is `pending`. Money that arrives all the same still counts."""
    found = queries.payment_of(_caller(request), payment_id)
    return PaymentOut.of(cancel_payment(payment=found, at=billing_clock.now()))


@router.get(
    "/receipts/{uuid:receipt_id}/content",
    response=errors(404),
    summary="Download a receipt",
    openapi_extra=_PDF,
)
@policy(who="somebody")
def receipt_content(request: HttpRequest, receipt_id: UUID) -> HttpResponseBase:
    """As a PDF, in the language that it was issued in."""
    found = queries.receipt_of(_caller(request), receipt_id)
    return deliver(request, parcel_of(found, at=clock.now()))


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
