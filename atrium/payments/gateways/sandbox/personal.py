"""What the Sandbox keeps of somebody. No money moved, so no book needs it: it goes with them."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from atrium.payments.models import (
    SandboxDelivery,
    SandboxDispute,
    SandboxMethod,
    SandboxOrder,
    SandboxRefund,
)
from atrium.people.belongings import Belonging, Part, Whose, register


def _orders(whose: Whose) -> "QuerySet[SandboxOrder]":
    return SandboxOrder.objects.filter(payer__in=whose.audiences)


register(
    Part(
        key="sandbox",
        title=_("Sandbox"),
        order=394,
        belongings=(
            Belonging(
                table=SandboxDelivery,
                title=_("What the Sandbox told"),
                of=lambda whose: SandboxDelivery.objects.filter(order__in=_orders(whose)),
                told=("kind", "state", "made_at"),
            ),
            Belonging(
                table=SandboxRefund,
                title=_("Refunds of the Sandbox"),
                of=lambda whose: SandboxRefund.objects.filter(order__in=_orders(whose)),
                told=("amount_minor", "state", "made_at"),
            ),
            Belonging(
                table=SandboxDispute,
                title=_("Disputes of the Sandbox"),
                of=lambda whose: SandboxDispute.objects.filter(order__in=_orders(whose)),
                told=("amount_minor", "state", "made_at"),
            ),
            Belonging(
                table=SandboxOrder,
                title=_("Orders of the Sandbox"),
                of=_orders,
                told=("title", "amount_minor", "currency", "state", "made_at", "paid_at"),
            ),
            Belonging(
                table=SandboxMethod,
                title=_("Cards that the Sandbox remembers"),
                of=lambda whose: SandboxMethod.objects.filter(payer__in=whose.audiences),
                told=("label", "made_at"),
            ),
        ),
    )
)
