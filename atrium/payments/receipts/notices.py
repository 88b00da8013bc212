"""What people are told of their payments; the letter leads to the receipt."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register

_BOTH = frozenset({Channel.IN_APP, Channel.MAIL})

register(
    NotificationKind(
        key="payments.paid",
        description=gettext_lazy("A payment of yours arrived, with its receipt"),
        title=lambda said: _("Your payment of {amount} arrived").format(amount=said["amount"]),
        body=lambda said: _("{title}. Receipt {receipt} can be downloaded as PDF.").format(
            title=said["title"], receipt=said["receipt"]
        ),
        channels=_BOTH,
        icon="receipt",
    ),
    NotificationKind(
        key="payments.went_back",
        description=gettext_lazy("Money of a payment of yours goes back to you"),
        title=lambda said: _("{amount} goes back to you").format(amount=said["amount"]),
        body=lambda said: _("{title}. Credit note {receipt} can be downloaded as PDF.").format(
            title=said["title"], receipt=said["receipt"]
        ),
        channels=_BOTH,
        icon="receipt",
    ),
    NotificationKind(
        key="payments.failed",
        description=gettext_lazy("A payment of yours failed"),
        title=lambda said: _("Your payment of {amount} failed").format(amount=said["amount"]),
        body=lambda said: " ".join(
            filter(
                None,
                (
                    _("{title}. Nothing was charged.").format(title=said["title"]),
                    said.get("why", ""),
                ),
            )
        ),
        icon="warning",
    ),
)
