"""How a browser is sent to a gateway: as a link to follow or a form to post, and only there.

A page that answers a form may not redirect elsewhere: browsers hold the redirect to the page's
``form-action`` too. So leaving is a page of its own that goes on by itself, and by a button where
there is no script.
"""

from datetime import datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from atrium.payments import checkout
from atrium.payments.gateways.protocol import FormPost, Redirect
from atrium.payments.gateways.registry import gateway_of
from atrium.payments.models import Payment
from atrium.payments.states import OPEN
from atrium.web.headers import CSP


def lead_to_gateway(request: HttpRequest, payment: Payment, *, at: datetime) -> HttpResponse:
    """Begin the checkout and answer with the way there; what is over leads to its own page.

    :raises GatewayBusy: when the gateway does not answer; asking again is harmless
    """
    if payment.state not in OPEN:
        return HttpResponseRedirect(reverse("wallet:payment", args=[payment.pk]))
    where = checkout.begin(payment, at=at)
    here = f"{request.scheme}://{request.get_host()}"  # what the browser takes for 'self'
    if isinstance(where, Redirect) and origin_of(where.url) == here:
        return HttpResponseRedirect(where.url)
    return _leave(request, payment, where)


def origin_of(url: str) -> str:
    """Return scheme and host of an address that a gateway gave us.

    :raises ValueError: when no browser should be sent there
    """
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username:
        raise ValueError(f"{parts.scheme or 'no'} address of a gateway")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}"


def _leave(request: HttpRequest, payment: Payment, where: Redirect | FormPost) -> HttpResponse:
    origin, gateway = origin_of(where.url), gateway_of(payment.gateway)
    answer = render(
        request,
        "payments/leaving.html",
        {
            "payment": payment,
            "where": where,
            "fields": where.fields.items() if isinstance(where, FormPost) else None,
            "gateway": gateway.title if gateway else payment.gateway,
        },
    )
    policy = {**CSP, "form-action": f"'self' {origin}"}
    answer.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    )
    return answer
