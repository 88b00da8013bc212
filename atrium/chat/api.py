from typing import Annotated, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from atrium.chat import actions, queries
from atrium.chat.asking import ask
from atrium.chat.generation import desk
from atrium.chat.models import Chat, Turn
from atrium.chat.schemas import (
    AskedOut,
    ChatOut,
    ChatPage,
    ChatWithTurns,
    DocumentOut,
    QuestionIn,
    TitleIn,
    TurnOut,
)
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people.caller import Caller
from atrium.web.policy import policy
from atrium.web.schemas import errors

PREFIX = "/chats"
router = Router(tags=["chats"])

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
Before = Annotated[
    UUID | None, Query(None, description="The `earlier` of the answer before: what was said first.")
]
Trash = Annotated[bool, Query(False, description="Those in the trash instead.")]  # noqa: FBT003


@router.get("", response=ChatPage, summary="List your chats")
@policy(who="somebody")
def list_chats(
    request: HttpRequest,
    after: After = None,
    size: Size = LIMITS.page_items,
    trash: Trash = False,  # noqa: FBT002
) -> ChatPage:
    """The latest first."""
    mine = Chat.objects.visible_to(_caller(request))
    listed = mine.exclude(deleted_at=None) if trash else mine.kept()
    page = page_of(listed, after=after, size=size, order=("-touched_at", "-id"))
    return ChatPage(items=[ChatOut.of(chat) for chat in page.items], next=page.next)


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
    chat = _chat(request, chat_id)
    said = queries.turns_of(chat, before=before)
    return ChatWithTurns(
        **ChatOut.of(chat).model_dump(),
        turns=[TurnOut.of(turn) for turn in said.turns],
        earlier=said.first if said.earlier else None,
        documents=[DocumentOut.of(document) for document in queries.documents_of(chat)],
    )


@router.post(
    "/{uuid:chat_id}/turns",
    response={202: AskedOut, **errors(402, 404, 409)},
    summary="Ask the next question",
)
@policy(who="somebody")
def ask_next(request: HttpRequest, chat_id: UUID, asked: QuestionIn) -> Status[AskedOut]:
    """Refused with 409 while the answer before is being written."""
    return _ask(request, _chat(request, chat_id), asked)


@router.patch("/{uuid:chat_id}", response={200: ChatOut, **errors(404)}, summary="Rename a chat")
@policy(who="somebody")
def rename_chat(request: HttpRequest, chat_id: UUID, named: TitleIn) -> ChatOut:
    """The name stays; nothing changes it by itself any more."""
    chat = _chat(request, chat_id)
    return ChatOut.of(actions.rename_chat(chat=chat, title=named.title, at=clock.now()))


@router.delete(
    "/{uuid:chat_id}", response={204: None, **errors(404)}, summary="Put a chat into the trash"
)
@policy(who="somebody")
def delete_chat(request: HttpRequest, chat_id: UUID) -> Status[None]:
    """It can be restored for 30 days."""
    actions.delete_chat(chat=_chat(request, chat_id), at=clock.now())
    return Status(204, None)


@router.post(
    "/{uuid:chat_id}/restore",
    response={200: ChatOut, **errors(404)},
    summary="Take a chat out of the trash",
)
@policy(who="somebody")
def restore_chat(request: HttpRequest, chat_id: UUID) -> ChatOut:
    """Restoring it again changes nothing."""
    chat = Chat.objects.visible_to(_caller(request)).filter(pk=chat_id).first()
    if chat is None:
        raise NotFound(_("You have no such chat."))
    actions.restore_chat(chat=chat)
    chat.refresh_from_db()
    return ChatOut.of(chat)


@router.get(
    "/turns/{uuid:turn_id}",
    response={200: TurnOut, **errors(404)},
    summary="Read one answer as far as it is written",
)
@policy(who="somebody")
def read_answer(request: HttpRequest, turn_id: UUID) -> TurnOut:
    """Ask again until its `state` is no longer `writing`, or listen on `/live`."""
    return TurnOut.of(_answer(request, turn_id))


@router.post(
    "/turns/{uuid:turn_id}/stop",
    response={202: TurnOut, **errors(404)},
    summary="Stop an answer",
)
@policy(who="somebody")
def stop_answer(request: HttpRequest, turn_id: UUID) -> Status[TurnOut]:
    """What was written stays, and is charged. Stopping one that ended changes nothing."""
    answer = _answer(request, turn_id)
    if answer.is_writing:
        desk.stop(answer.pk)
    return Status(202, TurnOut.of(answer))


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _chat(request: HttpRequest, chat_id: UUID) -> Chat:
    found = queries.chats_of(_caller(request)).filter(pk=chat_id).first()
    if found is None:
        raise NotFound(_("You have no such chat."))
    return found


def _answer(request: HttpRequest, turn_id: UUID) -> Turn:
    found = queries.answer_visible_to(_caller(request), turn_id)
    if found is None:
        raise NotFound(_("You have no such answer."))
    return found


def _ask(request: HttpRequest, chat: Chat | None, asked: QuestionIn) -> Status[AskedOut]:
    chat, begun = ask(
        by=_caller(request),
        chat=chat,
        text=asked.text,
        model_slug=asked.model,
        file_ids=asked.files,
        at=clock.now(),
    )
    chat.refresh_from_db()
    return Status(
        202,
        AskedOut(
            chat=ChatOut.of(chat),
            question=TurnOut.of(begun.question),
            answer=TurnOut.of(begun.answer),
        ),
    )
