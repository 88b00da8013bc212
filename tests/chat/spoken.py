"""Chats in which something was said, for what is done with them later."""

from collections.abc import Sequence
from typing import Any

from atrium.chat import copies
from atrium.chat.actions import rename_chat, share_chat, start_chat
from atrium.chat.copies import path_to, shared_with
from atrium.chat.models import Chat, Citation, SharedCopy, Turn
from atrium.kit import clock
from atrium.people.models import Guest, User
from atrium.sources.models import Document
from tests import make


def chat_that_says(owner: User | Guest, *said: tuple[str, str], title: str = "Leaves") -> Chat:
    """Make a chat with these questions and answers, one after the other."""
    now, by = clock.now(), make.caller(owner)
    chat = start_chat(by=by, at=now)
    rename_chat(chat=chat, title=title, at=now)
    parent: Turn | None = None
    for question, answer in said or (("Why are leaves green?", "Because of **chlorophyll**."),):
        for role, text in (("asked", question), ("answered", answer)):
            parent = Turn.objects.create(
                chat=chat,
                parent=parent,
                role=role,
                text=text,
                tokens=3,
                elsewhere="Blue" if role == "answered" else "",
                made_at=now,
                ended_at=now,
                **by.as_owner(),
            )
    chat.refresh_from_db()
    return chat


def answers_of(chat: Chat) -> Sequence[Turn]:
    return list(chat.turns.filter(role="answered").order_by("id"))


def cite(answer: Turn, document: Document, *, number: int = 1) -> Citation:
    """Have the answer quote the first passage of the document."""
    return Citation.objects.create(
        turn=answer,
        number=number,
        passage=document.passages.first(),
        title=document.title,
        place="line 3",
        words=document.passages.all()[0].text,
        found=True,
    )


# Shared


def share(chat: Chat, owner: User, **fields: Any) -> SharedCopy:
    return share_chat(chat=chat, by=make.caller(owner), at=clock.now(), **fields)


def opened(copy: SharedCopy) -> SharedCopy:
    return shared_with(token_of(copy), at=clock.now())


def token_of(copy: SharedCopy) -> str:
    return path_to(copy).rpartition("/")[2]


def said_in(copy: SharedCopy) -> list[str]:
    return [turn.text for turn in copies.stretch_of(copy).turns]
