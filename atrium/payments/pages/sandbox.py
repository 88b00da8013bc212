"""The Sandbox's own pages, as a payment company would have them."""

from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import Unprocessable
from atrium.payments.gateways.sandbox import desk
from atrium.payments.models import SandboxOrder
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page


class NoSuchButton(Unprocessable):
    code = "no_such_button"


@page("GET", "POST", who="somebody")
def checkout(request: HttpRequest, ref: str) -> HttpResponse:
    """Show what is to be paid; POST pays it, or does not, and sends the browser back."""
    order = _order(request, ref)
    if request.method == "POST":
        return HttpResponseRedirect(_press(request, order))
    return render_page(request, "payments/sandbox/checkout.html", {"order": order})


def _press(request: HttpRequest, order: SandboxOrder) -> str:
    """Do what the button says, and return where the browser goes."""
    pressed, now = request.POST.get("do", ""), clock.now()
    if pressed == "pay":
        keeps = order.keeps_method and "remember" in request.POST
        desk.pay(order, card=desk.new_card(payer=order.payer, at=now) if keeps else None, at=now)
    elif pressed == "later":
        desk.pay_later(order, at=now)
    elif pressed == "fail":
        desk.fail(order, why=_("The Sandbox was told to decline it."), at=now)
    elif pressed == "cancel":
        desk.cancel(order, at=now)
    else:
        raise NoSuchButton(_("The Sandbox has no such button."))
    return order.return_url


def _order(request: HttpRequest, ref: str) -> SandboxOrder:
    caller = cast(Caller, request.caller)  # type: ignore[attr-defined]
    order = SandboxOrder.objects.visible_to(caller).filter(pk=desk.id_of(ref)).first()
    if order is None or not settings.SANDBOX:
        raise Http404
    return order
