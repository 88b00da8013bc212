"""What finance is told of payments, at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.notifications.actions import notify
from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind
from atrium.notifications.registry import register as register_kinds
from atrium.payments import followers
from atrium.payments.models import Payment
from atrium.people.models import User

_BOTH = frozenset({Channel.IN_APP, Channel.MAIL})


def finance() -> list[User]:
    """Return everybody who may do something about a payment."""
    staff = User.objects.filter(is_active=True).filter(Q(role=User.Role.ADMIN) | ~Q(staff_areas=[]))
    return [person for person in staff if person.is_staff_of("finance")]


class TellFinance(followers.Follower):
    def disputed(self, payment: Payment, *, at: datetime) -> None:
        _tell("payments.disputed", payment, amount=str(payment.amount))

    def marked(self, payment: Payment, *, at: datetime) -> None:
        _tell("payments.needs_look", payment, differs=payment.needs_look)


def _tell(kind: str, payment: Payment, **params: str) -> None:
    for person in finance():
        notify(
            person=person,
            kind=kind,
            params={"reference": payment.reference, **params},
            url=f"/console/payments/payment/{payment.pk}/change/",
            at=clock.now(),
        )


def _of_look(said: Mapping[str, Any]) -> str:
    return _("What differs: {differs}. Nothing was given for it.").format(differs=said["differs"])


register_kinds(
    NotificationKind(
        key="payments.disputed",
        description=gettext_lazy("For finance: a payment is disputed"),
        title=lambda said: _("A payment of {amount} is disputed").format(amount=said["amount"]),
        body=lambda said: _("Answer it on the gateway's own pages before its deadline."),
        channels=_BOTH,
        icon="flag",
    ),
    NotificationKind(
        key="payments.needs_look",
        description=gettext_lazy("For finance: a gateway says what nobody ordered"),
        title=lambda said: _("A payment has to be looked at"),
        body=_of_look,
        channels=_BOTH,
        icon="eye",
    ),
    NotificationKind(
        key="payments.refund_declined",
        description=gettext_lazy("For finance: a refund that you asked for was declined"),
        title=lambda said: _("A refund of {amount} was declined").format(amount=said["amount"]),
        body=lambda said: _("The reason stands on the payment's page."),
        channels=_BOTH,
        icon="flag",
    ),
)
followers.register(TellFinance())
