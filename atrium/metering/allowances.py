"""Deeds that plans may bound by the month, as far as metering itself counts them."""

from django.utils.translation import gettext_lazy, ngettext

from atrium.plans.allowances import Deed, register


def _say(count: int) -> str:
    return ngettext("%(n)s message a month", "%(n)s messages a month", count) % {"n": count}


register(
    Deed(key="chat.message", title=gettext_lazy("Messages in chats"), say=_say, order=10),
)
