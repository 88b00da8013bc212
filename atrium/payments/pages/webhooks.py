"""Where gateways knock, and where they send people back to. Both are hints, and believed nothing.

Neither looks at who asks: no session, no caller, no token of a form.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from atrium.kit import clock
from atrium.payments.actions.inbox import NotSigned, receive
from atrium.payments.actions.reconciling import come_back
from atrium.web.address import address_of, neighbourhood
from atrium.web.policy import page


@csrf_exempt
@page("POST", who="anyone", anonymous=True)
def webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """Keep what was delivered; a repeated delivery is answered alike."""
    try:
        receive(
            gateway=gateway,
            raw=request.body,
            headers=request.headers,
            address=neighbourhood(address_of(request)),
            at=clock.now(),
        )
    except NotSigned as refusal:
        # A line for a machine: a page would be work that a stranger gives us.
        return HttpResponse(str(refusal.detail), content_type="text/plain", status=refusal.status)
    return HttpResponse("ok", content_type="text/plain")


@csrf_exempt
@page("GET", "POST", who="anyone", anonymous=True)
def returned(request: HttpRequest, gateway: str, reference: str) -> HttpResponse:
    """Lead whoever comes back from the gateway to their payment, which is looked up meanwhile."""
    payment = come_back(gateway=gateway, reference=reference, at=clock.now())
    answer = HttpResponseRedirect(reverse("wallet:payment", args=[payment.pk]))
    answer.status_code = 303  # whatever it came with, the page is read
    return answer
