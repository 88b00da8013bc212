"""Whom somebody asked into a chat, and into whose they were asked."""

from atrium.chat.actions import invite, set_treat, start_chat
from atrium.chat.models import Chat, Collaborator
from atrium.kit import clock
from atrium.people.models import Guest, User
from tests import make


def together(owner: User | Guest, *, chat: str) -> dict[str, str]:
    """Ask somebody in, and have the owner be asked; return what addresses call both."""
    if isinstance(owner, Guest):
        return {}
    now, own = clock.now(), Chat.objects.get(pk=chat)
    by, role = make.caller(owner), Collaborator.Role.EDIT
    set_treat(by=by, chat=own, tokens=1_000_000, at=now)
    asked = invite(by=by, chat=own, asked_for="somebody.else", role=role, at=now)
    friend = make.caller(make.person())
    theirs = start_chat(by=friend, at=now)
    asks = invite(by=friend, chat=theirs, asked_for=owner.username, role=role, at=now)
    return {"collaborator_id": str(asked.pk), "asked_id": str(asks.pk)}
