from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.money import Money
from atrium.payments import billing_clock
from atrium.payments.actions import refunds
from atrium.payments.admin_forms import ReasonForm
from atrium.payments.models import Refund
from atrium.payments.states import RefundRank
from atrium.web.console import ConsoleAdmin, button
from atrium.web.templatetags.ui import ago, chip

_KINDS = {RefundRank.DONE: "ok", RefundRank.FAILED: "danger"}


@admin.register(Refund)
class RefundAdmin(ConsoleAdmin):
    """Money that goes back, whoever asked for it."""

    title = gettext_lazy("Refunds")
    order = 205
    areas = ("finance",)
    buttons = ("approve", "call_off", "ask_again")
    list_display = ("sum", "of", "standing", "reason", "who_asked", "made")
    list_filter = ("rank",)
    list_select_related = ("payment", "asked_by", "approved_by")
    search_fields = ("id", "reference", "payment__id")
    ordering = ("-made_at",)
    fields = (
        *("id", "sum", "of", "standing", "reason", "why", "who_asked", "who_approved"),
        *("is_stray", "reference", "tries", "called_at", "made_at", "approved_at", "ended_at"),
    )
    empty_says = gettext_lazy("Refunds are asked for on a payment's page, and listed here.")

    @admin.display(description=gettext_lazy("amount"), ordering="amount_minor")
    def sum(self, refund: Refund) -> str:
        return str(Money(refund.amount_minor, refund.payment.currency))

    @admin.display(description=gettext_lazy("of the payment"))
    def of(self, refund: Refund) -> SafeString:
        url = reverse("admin:payments_payment_change", args=[refund.payment_id])
        return format_html('<a href="{}">{}</a>', url, refund.payment.title)

    @admin.display(description=gettext_lazy("state"), ordering="rank")
    def standing(self, refund: Refund) -> SafeString:
        if refund.waits_for_second:
            return chip(_("needs a second person"), "danger")
        rank = RefundRank(refund.rank)
        return chip(rank.label, _KINDS.get(rank, ""))

    @admin.display(description=gettext_lazy("asked for by"))
    def who_asked(self, refund: Refund) -> str:
        if refund.asked_by:
            return refund.asked_by.username
        return _("the house") if refund.reason else _("the gateway")

    @admin.display(description=gettext_lazy("second person"))
    def who_approved(self, refund: Refund) -> str:
        return refund.approved_by.username if refund.approved_by else "—"

    @admin.display(description=gettext_lazy("since"), ordering="made_at")
    def made(self, refund: Refund) -> SafeString:
        return ago(refund.made_at)

    @button(
        gettext_lazy("Let it go"),
        confirm=gettext_lazy("As the second person you answer for it, too."),
        danger=True,
        again=True,
        when=lambda refund: refund.waits_for_second,
    )
    def approve(self, request: HttpRequest, refund: Refund, told: dict[str, Any]) -> str:
        refunds.approve_refund(refund=refund, **_by(request))
        return _("The gateway is asked to pay back.")

    @button(
        gettext_lazy("Call it off"),
        form=ReasonForm,
        when=lambda refund: refund.rank == RefundRank.ASKED and not refund.tries,
    )
    def call_off(self, request: HttpRequest, refund: Refund, told: dict[str, Any]) -> str:
        refunds.call_off_refund(refund=refund, reason=told["reason"], **_by(request))
        return _("It is called off.")

    @button(
        gettext_lazy("Ask the gateway again"),
        audit="payments.refund_asked_again",
        when=lambda refund: refund.rank == RefundRank.ASKED and refund.tries,
    )
    def ask_again(self, request: HttpRequest, refund: Refund, told: dict[str, Any]) -> str:
        refunds.send_soon(refund)
        return _("It is looked up first, and asked for again if the gateway knows nothing of it.")


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.caller, "at": billing_clock.now()}  # type: ignore[attr-defined]
