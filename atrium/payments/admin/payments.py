from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.errors import Unprocessable
from atrium.kit.money import EXPONENTS, BadAmount, Money, parse
from atrium.payments import billing_clock
from atrium.payments.actions import ask_refund, judging, reconciling
from atrium.payments.admin_forms import ReasonForm, RefundForm
from atrium.payments.gateways.registry import gateway_of
from atrium.payments.models import Dispute, Payment, Refund
from atrium.payments.states import DisputeRank, Progress, RefundRank, State
from atrium.payments.tables import Column, TableAdmin
from atrium.web.console import Tile, button, register_tiles
from atrium.web.templatetags.ui import ago, chip

_KINDS = {State.PAID: "ok", State.FAILED: "danger", State.UNKNOWN: "danger"}


class NotAnAmount(Unprocessable):
    code = "bad_amount"


def can_refund(payment: Payment) -> bool:
    """Whether there is money to go back, and a gateway that does it."""
    gateway = gateway_of(payment.gateway) if payment.gateway else None
    return bool(payment.kept_minor and gateway and gateway.can_refund and not payment.frozen_at)


def said_of(payment: Payment) -> list[tuple[str, str]]:
    """Return what the gateway said that does not fit, in words, beside what is ours."""
    said = payment.differing
    if not said:
        return []
    currency = said["currency"] if said["currency"] in EXPONENTS else payment.currency
    told = (
        (_("The gateway says"), Progress(said["progress"]).label),
        (_("amount there"), f"{Money(said['amount_minor'], currency)} ({said['currency']})"),
        (_("reference there"), said["reference"]),
        (_("merchant there"), said["merchant"]),
        (_("payer there"), said["payer"]),
        (_("transaction there"), said["transaction_ref"]),
    )
    return [(str(name), str(value)) for name, value in told if value]


class NeedsLook(admin.SimpleListFilter):
    """Payments of which a gateway says what nobody ordered."""

    title = gettext_lazy("somebody has to look")
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.exclude(needs_look="") if self.value() == "yes" else queryset


@admin.register(Payment)
class PaymentAdmin(TableAdmin):
    """Every payment, with what finance may do about one."""

    kind = "payment"
    title = gettext_lazy("Payments")
    order = 200
    areas = ("finance",)
    buttons = ("refund", "look_up", "take_as_it_is", "send_back", "be_done_with")
    list_display = ("title", "who_paid", "sum", "gateway", "standing", "opened")
    list_filter = ("state", "gateway", "purpose", "opened_at", NeedsLook)
    list_select_related = ("person",)
    search_fields = ("id", "gateway_ref", "transaction_ref", "person__username")
    ordering = ("-opened_at",)
    fields = (
        *("id", "title", "purpose", "who_paid", "sum", "went_back", "standing", "why"),
        *("look", "gateway", "reference", "gateway_ref", "transaction_ref", "fee", "snapshot"),
        *("opened_at", "begun_at", "fulfilled_at", "ended_at", "looked_at", "look_next_at"),
        *("refunds_shown", "disputes_shown", "deliveries_shown"),
    )
    empty_says = gettext_lazy("What people pay, and how it stands, is listed here.")
    # Nothing of what gateways wrote about people: what finance compares, and no more.
    columns: ClassVar[tuple[Column, ...]] = (
        ("reference", lambda one: one.reference),
        ("opened_at", lambda one: one.opened_at.isoformat()),
        ("paid_at", lambda one: one.fulfilled_at.isoformat() if one.fulfilled_at else ""),
        ("state", lambda one: one.state),
        ("paid_by", lambda one: one.audience),
        ("purpose", lambda one: one.purpose),
        ("title", lambda one: one.title),
        ("amount_minor", lambda one: one.amount_minor),
        ("returned_minor", lambda one: one.returned_minor),
        ("fee_minor", lambda one: one.fee_minor),
        ("currency", lambda one: one.currency),
        ("gateway", lambda one: one.gateway),
        ("gateway_ref", lambda one: one.gateway_ref),
        ("transaction_ref", lambda one: one.transaction_ref),
        ("needs_look", lambda one: one.needs_look),
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        # As gateways write our reference: without dashes, whatever the engine keeps.
        exact = queryset.referred_to_as(search_term.strip())
        if exact.exists():
            return exact, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("paid by"))
    def who_paid(self, payment: Payment) -> str:
        return self.who(payment.audience)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_minor")
    def sum(self, payment: Payment) -> str:
        return str(payment.amount)

    @admin.display(description=gettext_lazy("went back"))
    def went_back(self, payment: Payment) -> str:
        return str(Money(payment.returned_minor, payment.currency))

    @admin.display(description=gettext_lazy("the gateway's fee"))
    def fee(self, payment: Payment) -> str:
        return str(Money(payment.fee_minor, payment.currency))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, payment: Payment) -> SafeString:
        waits = payment.state == State.PENDING
        said = _("Waits for the payer") if waits else payment.get_state_display()
        drawn = chip(said, _KINDS.get(State(payment.state), ""))
        if payment.needs_look:
            drawn = format_html("{} {}", drawn, chip(_("look at it"), "danger"))
        if payment.frozen_at:
            drawn = format_html("{} {}", drawn, chip(_("disputed"), "danger"))
        return drawn

    @admin.display(description=gettext_lazy("opened"), ordering="opened_at")
    def opened(self, payment: Payment) -> SafeString:
        return ago(payment.opened_at)

    @admin.display(description=gettext_lazy("what does not fit"))
    def look(self, payment: Payment) -> SafeString | str:
        if not payment.needs_look:
            return "—"
        rows = format_html_join("", "<p>{}: {}</p>", said_of(payment))
        return format_html("<p>{}</p>{}", payment.needs_look, rows)

    @admin.display(description=gettext_lazy("refunds"))
    def refunds_shown(self, payment: Payment) -> SafeString | str:
        rows = [
            (
                reverse("admin:payments_refund_change", args=[one.pk]),
                Money(one.amount_minor, payment.currency),
                RefundRank(one.rank).label,
                one.reason or "—",
            )
            for one in payment.refunds.order_by("made_at")
        ]
        return format_html_join("", '<p><a href="{}">{}</a> · {} · {}</p>', rows) or "—"

    @admin.display(description=gettext_lazy("disputes"))
    def disputes_shown(self, payment: Payment) -> SafeString | str:
        rows = [
            (Money(one.amount_minor, payment.currency), DisputeRank(one.rank).label, one.reference)
            for one in payment.disputes.order_by("opened_at")
        ]
        return format_html_join("", "<p>{} · {} · {}</p>", rows) or "—"

    @admin.display(description=gettext_lazy("deliveries"))
    def deliveries_shown(self, payment: Payment) -> SafeString | str:
        rows = [
            (reverse("admin:payments_webhookevent_change", args=[one.pk]), one.kind, one.state)
            for one in payment.deliveries.order_by("pk")[:50]
        ]
        return format_html_join("", '<p><a href="{}">{}</a> · {}</p>', rows) or "—"

    @button(
        gettext_lazy("Pay back"),
        form=RefundForm,
        confirm=gettext_lazy(
            "The gateway is asked to pay back, and what was given is taken back in proportion."
            " What was spent of it is owed. Above an amount a second person of finance has to say"
            " so, too."
        ),
        danger=True,
        again=True,
        when=can_refund,
        initial=lambda payment: {"amount": _plain(payment.kept_minor, payment.currency)},
    )
    def refund(self, request: HttpRequest, payment: Payment, told: dict[str, Any]) -> str:
        try:
            amount = parse(told["amount"], payment.currency)
        except BadAmount as bad:
            raise NotAnAmount(bad.detail) from bad
        made = ask_refund(
            payment=payment,
            amount_minor=amount.minor,
            by=request.caller,  # type: ignore[attr-defined]
            reason=told["reason"],
            at=billing_clock.now(),
        )
        if made.needs_second:
            return _("It waits for a second person of finance.")
        return _("The gateway is asked to pay back.")

    @button(
        gettext_lazy("Ask the gateway now"),
        audit="payments.asked_about",
        when=lambda payment: payment.gateway and payment.begun_at,
    )
    def look_up(self, request: HttpRequest, payment: Payment, told: dict[str, Any]) -> str:
        reconciling.hint(payment=payment, at=clock.now())
        return _("It is asked in the background.")

    @button(
        gettext_lazy("Count it as paid"),
        form=ReasonForm,
        confirm=gettext_lazy(
            "Amount, currency, reference and merchant are ours; what else differs is taken for"
            " ours, too. The gateway is asked once more, and what was ordered is given."
        ),
        danger=True,
        again=True,
        when=judging.may_be_taken,
    )
    def take_as_it_is(self, request: HttpRequest, payment: Payment, told: dict[str, Any]) -> str:
        judging.take_as_it_is(payment=payment, **_by(request), **told)
        return _("The gateway is asked once more.")

    @button(
        gettext_lazy("Send the money back"),
        form=ReasonForm,
        confirm=gettext_lazy(
            "What came is paid back by the gateway, nothing is given, and the payment is over."
        ),
        danger=True,
        again=True,
        when=judging.may_be_sent_back,
    )
    def send_back(self, request: HttpRequest, payment: Payment, told: dict[str, Any]) -> str:
        judging.send_back(payment=payment, **_by(request), **told)
        return _("The gateway is asked to pay back.")

    @button(
        gettext_lazy("It was dealt with"),
        form=ReasonForm,
        confirm=gettext_lazy("Nothing follows here from what the gateway said."),
        again=True,
        when=lambda payment: payment.needs_look,
    )
    def be_done_with(self, request: HttpRequest, payment: Payment, told: dict[str, Any]) -> str:
        judging.be_done_with(payment=payment, **_by(request), **told)
        return _("Nobody has to look at it any more.")


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.caller, "at": billing_clock.now()}  # type: ignore[attr-defined]


def _plain(minor: int, currency: str) -> str:
    """Return the amount as it is typed in: digits and a point."""
    return str(Money(minor, currency)).replace(currency, "").replace(",", "").strip()


def tiles(request: HttpRequest) -> Iterable[Tile]:
    listed = reverse("admin:payments_payment_changelist")
    if looks := Payment.objects.exclude(needs_look="").count():
        note = _("What a gateway says does not fit what was ordered")
        yield Tile(_("Payments to look at"), looks, note, f"{listed}?look=yes", urgent=True)
    if disputed := Dispute.objects.filter(rank=DisputeRank.OPENED).count():
        note = _("Answer them on the gateway's own pages")
        yield Tile(_("Open disputes"), disputed, note, listed, urgent=True)
    waiting = Refund.objects.filter(
        needs_second=True, approved_at=None, rank=RefundRank.ASKED
    ).count()
    if waiting:
        refunds = reverse("admin:payments_refund_changelist")
        note = _("They need a second person of finance")
        yield Tile(_("Refunds that wait"), waiting, note, refunds, urgent=True)


register_tiles(tiles, areas=("finance",))
