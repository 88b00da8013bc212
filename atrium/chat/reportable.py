"""An answer as something that can be reported: by whoever may see its chat."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy

from atrium.chat import access
from atrium.chat.models import Chat, Turn
from atrium.chat.queries import answer_visible_to
from atrium.moderation.registry import Found, Reportable, Surroundings, register
from atrium.people.caller import Caller

KIND = "answer"
AROUND = 40


def _find(thing_id: UUID, /, *, caller: Caller) -> Found | None:
    """Return the answer with its question; a model made it, so no person answers for it."""
    answer = answer_visible_to(caller, thing_id)
    if answer is None or answer.is_writing or answer.hidden_at:
        return None
    asked = answer.parent.text if answer.parent else ""
    return Found(
        title=Truncator(" ".join(asked.split())).chars(60),
        excerpt=f"{asked[:2_000]}\n\n{answer.said}",
        url=f"{reverse('chat:chat', args=[answer.chat_id])}#turn-{answer.pk}",
    )


def _hide(thing_id: UUID, /, *, at: datetime) -> bool:
    answers = Turn.objects.filter(pk=thing_id, role=Turn.Role.ANSWERED)
    return _told(thing_id, answers.filter(hidden_at=None).update(hidden_at=at), at=at)


def _restore(thing_id: UUID, /, *, at: datetime) -> bool:
    hidden = Turn.objects.filter(pk=thing_id).exclude(hidden_at=None)
    return _told(thing_id, hidden.update(hidden_at=None), at=at)


def _told(turn_id: UUID, changed: int, *, at: datetime) -> bool:
    """Have open pages show the answer as it is now, if it changed."""
    if not changed:
        return False
    chat = Chat.objects.get(turns=turn_id)
    access.tell_everybody(chat, "turn.changed", {"turn": str(turn_id)}, at=at)
    return True


def _around(thing_id: UUID) -> Surroundings | None:
    """Return the last of the chat up to the answer and a little after, and who reads there."""
    answer = Turn.objects.select_related("chat__person").filter(pk=thing_id).first()
    if answer is None:
        return None
    until = answer.chat.turns.filter(id__lte=answer.pk).order_by("-id")[:AROUND]
    after = answer.chat.turns.filter(id__gt=answer.pk).order_by("id")[:AROUND]
    turns = [*reversed(until), *after]
    lines = tuple(f"{turn.get_role_display()}: {turn.text}" for turn in turns)
    others = answer.chat.collaborators.taking_part().select_related("person")
    persons = [answer.chat.person, *(one.person for one in others)]
    return Surroundings(lines, persons=tuple(filter(None, persons)))


register(
    Reportable(
        key=KIND,
        title=gettext_lazy("An answer of a model"),
        find=_find,
        hide=_hide,
        restore=_restore,
        around=_around,
    )
)
