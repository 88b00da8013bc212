"""Chats with something in them."""

from atrium.chat.actions import begin_turn, finish_turn
from atrium.chat.models import Chat, Turn
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.kit.ids import new_id
from tests import make
from tests.chat import scripted


def model(**fields: int) -> Model:
    return Model.objects.filter(slug=scripted.SLUG).first() or scripted.model(**fields)


def said_in(chat: Chat, number: int) -> list[Turn]:
    """Put so many turns into the chat, one after the other, and return them."""
    now, made, parent = clock.now(), [], None
    for count in range(number):
        turn = Turn(
            pk=new_id(),
            chat=chat,
            parent_id=parent,
            role=Turn.Role.ASKED,
            text=f"q{count}.",
            tokens=1,
            made_at=now,
            ended_at=now,
        )
        made.append(turn)
        parent = turn.pk
    return Turn.objects.bulk_create(made)


def asked(chat: Chat, text: str = "Why?", answer: str = "So.", **how: object) -> Turn:
    """Have a question asked and answered; return the answer."""
    by, now = make.caller(chat.person or chat.guest), clock.now()
    begun = begin_turn(by=by, chat=chat, text=text, model=model(), at=now, **how)  # type: ignore[arg-type]
    for one in begun.answers:
        finish_turn(answer=one, text=answer, at=now)
    return begun.answer
