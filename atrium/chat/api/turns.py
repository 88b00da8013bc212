from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query
from ninja.responses import Status

from atrium.chat import queries
from atrium.chat.access import Right
from atrium.chat.actions import Begun
from atrium.chat.api.whose import answer_of, caller_of, chat_of, router
from atrium.chat.asking import Asked, ask, model_for
from atrium.chat.branches import tell_versions
from atrium.chat.generation import desk
from atrium.chat.models import Chat
from atrium.chat.prompts import filling_of
from atrium.chat.schemas import (
    AskedOut,
    ChatOut,
    ChatWithTurns,
    DocumentOut,
    FillingOut,
    QuestionIn,
    TurnOut,
    WishesOut,
)
from atrium.kit import clock
from atrium.web.policy import policy
from atrium.web.schemas import errors

Before = Annotated[
    UUID | None, Query(None, description="The `earlier` of the answer before: what was said first.")
]


@router.post(
    "", response={202: AskedOut, **errors(402, 404)}, summary="Ask the first question of a chat"
)
@policy(who="somebody")
def start_chat(request: HttpRequest, asked: QuestionIn) -> Status[AskedOut]:
    """The answer is being written when this returns; read it at its chat, or on `/live`."""
    return _ask(request, None, asked)


@router.get(
    "/{uuid:chat_id}",
    response={200: ChatWithTurns, **errors(404)},
    summary="Read a chat with its turns",
)
@policy(who="somebody")
def read_chat(request: HttpRequest, chat_id: UUID, before: Before = None) -> ChatWithTurns:
    """The last turns, in order. An answer that is being written has the text so far."""
    chat = chat_of(request, chat_id)
    said = queries.turns_of(chat, before=before)
    return ChatWithTurns(
        **ChatOut.of(chat).model_dump(),
        turns=[TurnOut.of(turn) for turn in said.turns],
        earlier=said.first if said.earlier else None,
        documents=[DocumentOut.of(document) for document in queries.documents_of(chat)],
        wishes=WishesOut.of(chat),
        preset=chat.preset_id,
        context=FillingOut.of(filling_of(chat, model_for(chat, ""))),
    )


@router.post(
    "/{uuid:chat_id}/turns",
    response={202: AskedOut, **errors(402, 403, 404, 409)},
    summary="Ask the next question",
)
@policy(who="somebody")
def ask_next(request: HttpRequest, chat_id: UUID, asked: QuestionIn) -> Status[AskedOut]:
    """Refused with 409 while the answer before is being written."""
    return _ask(request, chat_of(request, chat_id, Right.EDIT), asked)


@router.get(
    "/turns/{uuid:turn_id}",
    response={200: TurnOut, **errors(404)},
    summary="Read one answer as far as it is written",
)
@policy(who="somebody")
def read_answer(request: HttpRequest, turn_id: UUID) -> TurnOut:
    """Ask again until its `state` is no longer `writing`, or listen on `/live`."""
    return TurnOut.of(answer_of(request, turn_id))


@router.post(
    "/turns/{uuid:turn_id}/stop",
    response={202: TurnOut, **errors(403, 404)},
    summary="Stop an answer",
)
@policy(who="somebody")
def stop_answer(request: HttpRequest, turn_id: UUID) -> Status[TurnOut]:
    """What was written stays, and is charged. Stopping one that ended changes nothing."""
    answer = answer_of(request, turn_id, Right.EDIT)
    if answer.is_writing:
        desk.stop(answer.pk)
    return Status(202, TurnOut.of(answer))


def _ask(request: HttpRequest, chat: Chat | None, asked: QuestionIn) -> Status[AskedOut]:
    chat, begun = ask(
        by=caller_of(request),
        chat=chat,
        asked=Asked(
            text=asked.text,
            model=asked.model,
            beside=asked.beside,
            preset=asked.preset,
            after=asked.after,
            edits=asked.edits,
            file_ids=asked.files,
        ),
        at=clock.now(),
    )
    return asked_out(chat, begun)


def asked_out(chat: Chat, begun: Begun) -> Status[AskedOut]:
    """Return what was begun, with the versions that each has by now."""
    chat.refresh_from_db()
    turns = [begun.question, *begun.answers]
    tell_versions(chat, turns)
    question, answer, *beside = map(TurnOut.of, turns)
    return Status(
        202,
        AskedOut(
            chat=ChatOut.of(chat),
            question=question,
            answer=answer,
            beside=beside[0] if beside else None,
        ),
    )
