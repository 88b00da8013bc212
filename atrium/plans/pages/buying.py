import re
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.kit.credits import shown_balance, shown_charge
from atrium.kit.errors import Refusal
from atrium.ledger.queries import owed_by
from atrium.payments import billing_clock
from atrium.payments.checkout import GatewayBusy, NotToPay
from atrium.payments.gateways.registry import GatewayGone
from atrium.payments.leaving import lead_to_gateway
from atrium.plans import codes
from atrium.plans.actions.buying import buy, find_offer
from atrium.plans.actions.coupons import find_coupon, redeem
from atrium.plans.buying_form import OWN, BuyForm, chosen_package
from atrium.plans.models import Coupon
from atrium.plans.offers import Offer
from atrium.plans.pages.asking import caller_in
from atrium.plans.sold import Sold, currencies, currency_for, sold_in
from atrium.web.address import address_of
from atrium.web.policy import page
from atrium.web.render import asks_for_fragment, render_page

_NEED = re.compile(r"[0-9]{1,15}")
PAY, COUPON = "pay", "coupon"  # what the buttons do; any other looks at the price


@dataclass(frozen=True, slots=True)
class Quote:
    """What stands above the button: an offer, or why there is none."""

    offer: Offer | None = None
    why: str = ""


@page("GET", "POST", who="somebody")
def buying(request: HttpRequest) -> HttpResponse:
    """Show what credits cost; POST works out a price, uses a coupon, or leads to the payment."""
    caller = caller_in(request)
    among = currencies(caller)
    asked = (request.POST if request.method == "POST" else request.GET).get("currency", "")
    sold = sold_in(currency_for(caller, asked=asked, among=among), caller)
    if request.method != "POST":
        form = BuyForm(initial=_initial(request, sold), sold=sold)
        return _shown(request, form, among)
    form = BuyForm(request.POST, sold=sold)
    if asks_for_fragment(request):
        return _previewed(request, form, among)
    if not form.is_valid():
        return _shown(request, form, among, status=422)
    deed = {PAY: _pay, COUPON: _use_coupon}.get(request.POST.get("do", ""), _look)
    try:
        return deed(request, form, among)
    except Refusal as refused:
        _say(form, refused)
        status = refused.status if refused.status in {409, 429} else 422
        return _shown(request, form, among, status=status)


def _pay(request: HttpRequest, form: BuyForm, among: list[str]) -> HttpResponse:
    now, wanted = billing_clock.now(), form.wanted
    gateway = form.cleaned_data["gateway"] or form.way
    # Of the page and what it says: sent twice it is one payment, changed it is another.
    key = f"page:{form.cleaned_data['key'] or form.new_key}:{wanted.print_with(gateway)}"
    payment = buy(
        wanted=wanted,
        gateway=gateway,
        key=key,
        by=caller_in(request),
        address=address_of(request),
        at=now,
    )
    try:
        return lead_to_gateway(request, payment, at=now)
    except (GatewayBusy, GatewayGone, NotToPay) as refused:
        # The payment stands, and its page says how to go on.
        messages.error(request, f"{refused.detail} {refused.way_on}".strip())
        return HttpResponseRedirect(reverse("wallet:payment", args=[payment.pk]))


def _use_coupon(request: HttpRequest, form: BuyForm, among: list[str]) -> HttpResponse:
    """Give the credits of a coupon that gives some; else show the price with it."""
    code, by, now = form.cleaned_data["coupon"], caller_in(request), billing_clock.now()
    if not code:
        return _look(request, form, among)
    coupon = find_coupon(code=code, by=by, address=address_of(request), at=now)
    if coupon.kind != Coupon.Kind.CREDITS:
        return _look(request, form, among)
    given = redeem(coupon=coupon, by=by, at=now)
    said = _("The coupon gave you %(credits)s credits.")
    messages.success(request, said % {"credits": shown_balance(given)})
    return HttpResponseRedirect(reverse("wallet:room"))


def _look(request: HttpRequest, form: BuyForm, among: list[str]) -> HttpResponse:
    return _shown(request, form, among, quote=Quote(_offer(request, form)))


def _previewed(request: HttpRequest, form: BuyForm, among: list[str]) -> HttpResponse:
    """Answer what the page asks while somebody chooses: a price, or what is missing."""
    quote = Quote()
    if not form.is_valid():
        quote = Quote(why=" ".join(str(said) for every in form.errors.values() for said in every))
    elif form.chosen and (form.chosen != OWN or form.cleaned_data["amount"].strip()):
        if not codes.plain(form.cleaned_data["coupon"]):
            form.cleaned_data["coupon"] = ""  # it is still being typed
        try:
            quote = Quote(_offer(request, form))
        except Refusal as refused:
            quote = Quote(why=f"{refused.detail} {refused.way_on}".strip())
    return _shown(request, form, among, quote=quote)


def _offer(request: HttpRequest, form: BuyForm) -> Offer:
    return find_offer(
        wanted=form.wanted,
        by=caller_in(request),
        address=address_of(request),
        at=billing_clock.now(),
    )


def _say(form: BuyForm, refused: Refusal) -> None:
    named = {name: said for name, said in refused.fields.items() if name in form.fields}
    for name, said in named.items():
        form.add_error(name, said)
    if not named:
        form.add_error(None, f"{refused.detail} {refused.way_on}".strip())


def _initial(request: HttpRequest, sold: Sold) -> dict[str, Any]:
    """Begin with what somebody lacks who was refused, if they say so."""
    told = request.GET.get("need", "")
    if not _NEED.fullmatch(told) or not int(told):
        return {"gateway": sold.ways[0].slug if sold.ways else ""}
    need = int(told)
    fitting = sold.enough_for(need)
    if sold.free:
        amount = sold.free.enough_for(need)
        if fitting is None or amount < fitting.price:
            return {"choice": OWN, "amount": str(amount).partition(" ")[0], "need": need}
    return {"choice": fitting.shown if fitting else "", "need": need}


def _shown(
    request: HttpRequest,
    form: BuyForm,
    among: list[str],
    *,
    quote: Quote | None = None,
    status: int = 200,
) -> HttpResponse:
    caller, sold = caller_in(request), form.sold
    package = chosen_package(sold, form.chosen)
    if quote is None and not form.is_bound and package:
        quote = Quote(_as_it_is(package))
    context = {
        "caller": caller,
        "form": form,
        "sold": sold,
        "currencies": among,
        "package": package,
        "quote": quote or Quote(),
        "owed": shown_charge(owed_by(caller.audience)) if owed_by(caller.audience) else "",
        "need": shown_charge(form.initial["need"]) if form.initial.get("need") else "",
        "key": form.new_key,
    }
    answer = render_page(
        request, "plans/buy.html", context, fragment="plans/parts/quote.html", status=status
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _as_it_is(package: Any) -> Offer:
    return Offer(credits=package.credits, price=package.price, title="", package=package)
