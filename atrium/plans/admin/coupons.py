from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.credits import shown_balance
from atrium.kit.money import Money
from atrium.payments import billing_clock
from atrium.plans.actions.coupons import end_coupon, make_coupon
from atrium.plans.models import Coupon
from atrium.plans.sale_forms import CouponForm
from atrium.web.console import button
from atrium.web.console_forms import MakingAdmin
from atrium.web.templatetags.ui import ago, chip


@admin.register(Coupon)
class CouponAdmin(MakingAdmin):
    """Codes that make something cheaper, or give credits."""

    title = gettext_lazy("Coupons")
    order = 323
    areas = ("finance",)
    buttons = ("end",)
    make_form = CouponForm
    make_label = gettext_lazy("Make a coupon")
    make_says = gettext_lazy("Its code is shown once. What it does cannot be changed later.")
    list_display = ("__str__", "does", "left", "made", "state", "note")
    list_filter = ("kind", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("prefix", "note")
    ordering = ("-made_at",)
    # Named one by one: the hash is not among them.
    fields = (
        *("id", "prefix", "note", "does", "left", "who_made", "made_at"),
        *("expires_at", "ended_at", "uses_shown"),
    )
    empty_says = gettext_lazy("Codes that you hand out are listed here.")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        return super().get_queryset(request).defer("code_hash")

    @admin.display(description=gettext_lazy("what it does"))
    def does(self, one: Coupon) -> str:
        if one.kind == Coupon.Kind.CREDITS:
            return _("gives {n} credits").format(n=shown_balance(one.credits))
        if one.kind == Coupon.Kind.AMOUNT:
            return _("{amount} off").format(amount=Money(one.off_minor, one.currency))
        off = _("{n} % off").format(n=one.percent)
        return f"{off} ({one.currency})" if one.currency else off

    @admin.display(description=gettext_lazy("left"), ordering="uses_left")
    def left(self, one: Coupon) -> str:
        return _("{left} of {all}").format(left=one.uses_left, all=one.uses)

    @admin.display(description=gettext_lazy("made"), ordering="made_at")
    def made(self, one: Coupon) -> SafeString:
        return ago(one.made_at)

    @admin.display(description=gettext_lazy("made by"))
    def who_made(self, one: Coupon) -> str:
        return self.who(one.made_by)

    @admin.display(description=gettext_lazy("state"))
    def state(self, one: Coupon) -> SafeString:
        if one.ended_at:
            return chip(_("ended"), "danger")
        if one.expires_at and one.expires_at <= billing_clock.now():
            return chip(_("expired"))
        return chip(_("works"), "ok") if one.uses_left else chip(_("used up"))

    @admin.display(description=gettext_lazy("newest uses"))
    def uses_shown(self, one: Coupon) -> str:
        newest = one.taken.select_related("payment").order_by("-taken_at")[:20]
        return "\n".join(_said_of(use, self.who(use.audience)) for use in newest) or "—"

    def make(self, request: HttpRequest, told: dict[str, Any]) -> HttpResponse:
        made, code = make_coupon(
            does=told["does"],
            uses=told["uses"],
            expires_at=told["expires_at"],
            note_to_self=told["note_to_self"],
            by=request.caller,  # type: ignore[attr-defined]
            at=clock.now(),
        )
        answer = self.shown(request, "console/coupon_code.html", made=made, code=code)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @button(
        gettext_lazy("End"),
        confirm=gettext_lazy("Its code works no longer. What was bought with it stays."),
        danger=True,
        when=lambda one: one.ended_at is None,
    )
    def end(self, request: HttpRequest, one: Coupon, told: dict[str, Any]) -> str:
        end_coupon(coupon=one, by=request.caller, at=clock.now())  # type: ignore[attr-defined]
        return _("The coupon is ended.")


def _said_of(use: Any, who: str) -> str:
    said = f"{use.taken_at:%Y-%m-%d %H:%M} {who}"
    if use.given_back_at:
        return f"{said}: {_('given back')}"
    return f"{said}: {use.payment.amount}" if use.payment else said
