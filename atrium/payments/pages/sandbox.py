"""The Sandbox's own pages, as a payment company would have them."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import Conflict, Unprocessable
from atrium.kit.money import parse
from atrium.payments import billing_clock
from atrium.payments.actions.turning import (
    span_of,
    turn_clock,
    turn_clock_back,
    turn_clock_to_next,
)
from atrium.payments.gateways.sandbox import bank, desk, tricks
from atrium.payments.models import SandboxMethod, SandboxOrder, SandboxWorld
from atrium.people.caller import Caller
from atrium.web.policy import page
from atrium.web.render import render_page

SHOWN = 50
Choice = TypeVar("Choice", bound=TextChoices)
Press = Callable[..., object]


class NoSuchButton(Unprocessable):
    code = "no_such_button"


class SandboxRefused(Conflict):
    code = "sandbox_refused"


@page("GET", who="somebody")
def overview(request: HttpRequest) -> HttpResponse:
    """Show the orders that the caller may see, their cards, and the clock."""
    orders = SandboxOrder.objects.visible_to(_caller(request)).order_by("-made_at")
    world = SandboxWorld.now()
    context = {
        "orders": orders[:SHOWN],
        "cards": SandboxMethod.objects.visible_to(_caller(request)),
        "world": world,
        "begins": SandboxWorld.Begins.choices,
        "next_charges": SandboxMethod.Next.choices,
        "now": billing_clock.now(),
        "ahead": billing_clock.ahead(),
        "due_next": billing_clock.next_event(billing_clock.now()),
    }
    return render_page(request, "payments/sandbox/overview.html", context)


@page("GET", "POST", who="somebody")
def checkout(request: HttpRequest, order_ref: str) -> HttpResponse:
    """Show what is to be paid; POST pays it, or does not, and sends the browser back."""
    order = _order(request, order_ref)
    if request.method != "POST":
        return render_page(request, "payments/sandbox/checkout.html", _with_choices(order))
    if "tells" in request.POST:
        _arrange(request, order)
    _pay_or_not(request, order)
    return HttpResponseRedirect(_page_of(order) if "stay" in request.POST else order.return_url)


@page("GET", "POST", who="somebody")
def order(request: HttpRequest, order_ref: str) -> HttpResponse:
    """Show the journal of one order; POST has something happen to it."""
    found = _order(request, order_ref)
    if request.method == "POST":
        _let_happen(request, found)
        return HttpResponseRedirect(_page_of(found))
    context = {
        **_with_choices(found),
        "deliveries": found.deliveries.order_by("-pk"),
        "refunds": found.refunds.order_by("made_at"),
        "disputes": found.disputes.order_by("made_at"),
        "is_disputed": found.disputes.filter(state="opened").exists(),
        "left": bank.left_of(found),
    }
    return render_page(request, "payments/sandbox/order.html", context)


@page("POST", who="somebody")
def card(request: HttpRequest, card_token: str) -> HttpResponse:
    """Set what a remembered card does when it is charged again."""
    found = SandboxMethod.objects.visible_to(_caller(request)).filter(pk=card_token).first()
    if found is None:
        raise Http404
    tricks.set_next_charge(found, _chosen(request, "next_charge", SandboxMethod.Next))
    messages.success(request, _("The card will do that."))
    return HttpResponseRedirect("/sandbox")


@page("POST", who="somebody")
def begins(request: HttpRequest) -> HttpResponse:
    """Set how it takes new orders."""
    tricks.set_begins(_chosen(request, "begins", SandboxWorld.Begins))
    messages.success(request, _("The Sandbox will do that."))
    return HttpResponseRedirect("/sandbox")


@page("POST", who="somebody")
def turn(request: HttpRequest) -> HttpResponse:
    """Turn the clock that payments and plans go by."""
    pressed, by, at = request.POST.get("do", ""), _caller(request).audience, clock.now()
    if pressed == "next":
        turn_clock_to_next(by=by, at=at)
    elif pressed == "back":
        turn_clock_back(by=by, at=at)
    else:
        turn_clock(span=span_of(pressed or request.POST.get("span", "")), by=by, at=at)
    messages.success(request, _("The clock is turned."))
    return HttpResponseRedirect("/sandbox")


def _pay_or_not(request: HttpRequest, order: SandboxOrder) -> None:
    pressed, now = request.POST.get("do", ""), clock.now()
    if pressed == "pay":
        keeps = order.keeps_method and "remember" in request.POST
        made = desk.new_card(payer=order.payer, at=now) if keeps else None
        if made and "next_charge" in request.POST:
            tricks.set_next_charge(made, _chosen(request, "next_charge", SandboxMethod.Next))
        desk.pay(order, card=made, at=now)
    elif pressed == "fail":
        desk.fail(order, why=_("The Sandbox was told to decline it."), at=now)
    else:
        _button(pressed, _INSTEAD_OF_PAYING)(order, at=now)


_INSTEAD_OF_PAYING: dict[str, Press] = {
    "later": desk.pay_later,
    "cancel": desk.cancel,
    "cancel_and_pay": tricks.cancel_and_pay,
    "forge": tricks.forge,
    "unsigned": tricks.say_unsigned,
    "another": tricks.name_another,
}
_LATER: dict[str, Press] = {
    "settle": desk.pay,
    "refund_all": tricks.pay_back_all,
    "fail_refunds": desk.fail_refunds,
    "dispute": desk.dispute,
    "win": tricks.win,
    "lose": tricks.lose,
    "repeat": tricks.repeat,
    "forge": tricks.forge,
    "unsigned": tricks.say_unsigned,
    "another": tricks.name_another,
}


def _let_happen(request: HttpRequest, order: SandboxOrder) -> None:
    pressed, now = request.POST.get("do", ""), clock.now()
    try:
        if pressed == "arrange":
            _arrange(request, order)
        elif pressed == "refund":
            amount = parse(request.POST.get("amount", ""), order.currency)
            bank.pay_back(order, amount_minor=amount.minor, at=now)
        else:
            _button(pressed, _LATER)(order, at=now)
    except bank.Refused as said:
        raise SandboxRefused(_("Less is left of this order than should go back.")) from said
    messages.success(request, _("It is done, and told as you chose."))


def _arrange(request: HttpRequest, order: SandboxOrder) -> None:
    tricks.arrange(
        order,
        tells=_chosen(request, "tells", SandboxOrder.Telling),
        refunding=_chosen(request, "refunding", SandboxOrder.Refunds),
        lie=_chosen(request, "lie", tricks.Lie),
    )


def _with_choices(order: SandboxOrder) -> dict[str, Any]:
    return {
        "order": order,
        "tellings": SandboxOrder.Telling.choices,
        "refundings": SandboxOrder.Refunds.choices,
        "lies": tricks.Lie.choices,
        "lie": tricks.lie_of(order),
        "next_charges": SandboxMethod.Next.choices,
    }


def _button(pressed: str, known: dict[str, Press]) -> Press:
    if pressed not in known:
        raise NoSuchButton(_("The Sandbox has no such button."))
    return known[pressed]


def _chosen(request: HttpRequest, name: str, among: type[Choice]) -> Choice:
    try:
        return among(request.POST.get(name, ""))
    except ValueError:
        raise NoSuchButton(_("The Sandbox has no such button.")) from None


def _page_of(order: SandboxOrder) -> str:
    return f"/sandbox/orders/{order.ref}"


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _order(request: HttpRequest, ref: str) -> SandboxOrder:
    visible = SandboxOrder.objects.visible_to(_caller(request))
    found = visible.filter(pk=desk.id_of(ref)).first()
    if found is None:
        raise Http404
    return found
