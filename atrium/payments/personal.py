"""What payments keep of somebody."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.payments.models import Dispute, Payment, Refund, SavedMethod, WebhookEvent
from atrium.people.belongings import AT_ONCE, Belonging, Part, Rule, Whose, nobodys, register

_BOOKS = _("The law asks for what was paid. It is kept under a number, without a name.")


def _payments(whose: Whose) -> "QuerySet[Payment]":
    return Payment.objects.filter(whose.owns())


def _forget_what_was_said(whose: Whose, *, at: datetime) -> int:
    """Take out of the log what a gateway wrote about them."""
    rows = WebhookEvent.objects.filter(payment__in=_payments(whose)).exclude(payload="", error="")
    chosen = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return WebhookEvent.objects.filter(pk__in=chosen).update(payload="", error="")


def _forget_why(whose: Whose, *, at: datetime) -> int:
    """Take out of refunds what was said about them."""
    rows = Refund.objects.filter(payment__in=_payments(whose)).exclude(reason="", why="")
    chosen = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return Refund.objects.filter(pk__in=chosen).update(reason="", why="")


register(
    Part(
        key="payments",
        title=_("Payments"),
        order=395,
        belongings=(
            Belonging(
                table=WebhookEvent,
                title=_("What gateways told about payments"),
                of=lambda whose: WebhookEvent.objects.filter(payment__in=_payments(whose)),
                told=("id", "gateway", "kind", "state", "received_at"),
                rule=Rule.ANONYMISED,
                why=_("Who has to answer a dispute needs to know when a gateway told what."),
                erase=_forget_what_was_said,
            ),
            Belonging(
                table=Refund,
                title=_("Refunds"),
                of=lambda whose: Refund.objects.filter(payment__in=_payments(whose)),
                told=("id", "payment_id", "amount_minor", "rank", "made_at", "ended_at"),
                rule=Rule.ANONYMISED,
                why=_BOOKS,
                erase=_forget_why,
            ),
            Belonging(
                table=Dispute,
                title=_("Disputes"),
                of=lambda whose: Dispute.objects.filter(payment__in=_payments(whose)),
                told=("id", "payment_id", "amount_minor", "rank", "opened_at", "ended_at"),
                rule=Rule.PSEUDONYM,
                why=_BOOKS,
            ),
            Belonging(
                table=SavedMethod,
                title=_("Ways to pay that were remembered"),
                of=lambda whose: SavedMethod.objects.filter(whose.owns()),
                told=("id", "gateway", "label", "made_at", "ended_at"),
            ),
            Belonging(
                table=Payment,
                title=_("Payments"),
                of=_payments,
                told=(
                    *("id", "title", "purpose", "snapshot", "amount_minor", "currency", "gateway"),
                    *("state", "returned_minor", "opened_at", "fulfilled_at", "ended_at"),
                ),
                rule=Rule.PSEUDONYM,
                why=_BOOKS,
            ),
        ),
    )
)
nobodys("payments.GatewaySetting", _("How the operator set up the ways to pay."))
nobodys("payments.GatewayHealth", _("Whether the ways to pay answer."))
