"""Several people in one chat."""

from typing import Any

from atrium.chat import actions, queries
from atrium.chat.models import Chat, Collaborator, Turn
from atrium.events.models import StreamEvent
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.people.models import User
from tests import make
from tests.chat import said

VIEW, EDIT = Collaborator.Role.VIEW, Collaborator.Role.EDIT


def ask_in(chat: Chat, name: str, role: Collaborator.Role = EDIT) -> Collaborator:
    by = make.caller(chat.person)
    return actions.invite(by=by, chat=chat, asked_for=name, role=role, at=clock.now())


def joined(chat: Chat, person: User, role: Collaborator.Role = EDIT) -> Collaborator:
    asked = ask_in(chat, person.username, role)
    return actions.accept(by=make.caller(person), collaborator=asked, at=clock.now())


def ask(chat: Chat, person: User, text: str = "Why?", **how: Any) -> Turn:
    found = queries.chat_seen_by(make.caller(person), chat.pk)
    if found is None:
        raise NotFound("")
    begun = actions.begin_turn(
        by=make.caller(person), chat=found, text=text, model=said.model(), at=clock.now(), **how
    )
    actions.finish_turn(answer=begun.answer, text="So.", at=clock.now())
    return begun.answer


def told(person: User) -> list[str]:
    rows = StreamEvent.objects.filter(stream=f"person:{person.pk}").order_by("seq")
    return [
        kind for kind in rows.values_list("kind", flat=True) if kind.startswith(("chat", "turn"))
    ]
