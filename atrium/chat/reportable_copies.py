"""A shared copy as something that can be reported: by whoever its link was given to."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.chat.copies import is_public, path_to, reported, turns_in
from atrium.chat.models import SharedCopy, SharedTurn
from atrium.kit import clock
from atrium.moderation.registry import Found, Reportable, register
from atrium.people.caller import Caller

KIND = "shared-copy"
_MOST = 100


def _find(thing_id: UUID, /, *, caller: Caller) -> Found | None:
    """Return what was shared; whoever shared it answers for it."""
    copy = reported(thing_id, at=clock.now())
    if copy is None:
        return None
    said = "\n\n".join(f"{_speaker(turn)}: {turn.text}" for turn in turns_in(copy)[:_MOST])
    return Found(
        title=copy.title or _("A shared chat"),
        excerpt=f"{copy.title}\n\n{said}",
        # A link that only some have stands in no report.
        url=path_to(copy) if is_public(copy) else "",
        person=copy.person,
    )


def _hide(thing_id: UUID, /, *, at: datetime) -> bool:
    shown = SharedCopy.objects.filter(reported_as=thing_id, hidden_at=None)
    return bool(shown.update(hidden_at=at))


def _restore(thing_id: UUID, /, *, at: datetime) -> bool:
    hidden = SharedCopy.objects.filter(reported_as=thing_id).exclude(hidden_at=None)
    return bool(hidden.update(hidden_at=None))


def _speaker(turn: SharedTurn) -> str:
    return (turn.speaker or _("Answer")) if turn.is_answer else _("Question")


register(
    Reportable(
        key=KIND,
        title=gettext_lazy("A shared chat"),
        find=_find,
        hide=_hide,
        restore=_restore,
    )
)
