from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.ledger.amounts import shown, shown_up
from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register


def _title(said: Mapping[str, Any]) -> str:
    amount = said["amount"]
    if amount > 0:
        return _("{credits} credits were given to you").format(credits=shown(amount))
    return _("{credits} credits were taken back").format(credits=shown_up(-amount))


register(
    NotificationKind(
        key="ledger.corrected",
        description=gettext_lazy("Finance corrected your credits"),
        title=_title,
        body=lambda said: _("The reason given: {reason}").format(reason=said["reason"]),
        channels=frozenset({Channel.IN_APP, Channel.MAIL}),
        always=frozenset({Channel.IN_APP}),
        icon="coin",
    ),
)
