from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query
from ninja.responses import Status

from atrium.chat import actions
from atrium.chat.api.whose import caller_of, chat_of, router
from atrium.chat.models import Chat
from atrium.chat.schemas import ChatOut, ChatPage, TitleIn
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.web.policy import policy
from atrium.web.schemas import errors

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
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
    mine = Chat.objects.visible_to(caller_of(request))
    listed = mine.exclude(deleted_at=None) if trash else mine.kept()
    page = page_of(listed, after=after, size=size, order=("-touched_at", "-id"))
    return ChatPage(items=[ChatOut.of(chat) for chat in page.items], next=page.next)


@router.patch("/{uuid:chat_id}", response={200: ChatOut, **errors(404)}, summary="Rename a chat")
@policy(who="somebody")
def rename_chat(request: HttpRequest, chat_id: UUID, named: TitleIn) -> ChatOut:
    """The name stays; nothing changes it by itself any more."""
    chat = chat_of(request, chat_id)
    return ChatOut.of(actions.rename_chat(chat=chat, title=named.title, at=clock.now()))


@router.delete(
    "/{uuid:chat_id}", response={204: None, **errors(404)}, summary="Put a chat into the trash"
)
@policy(who="somebody")
def delete_chat(request: HttpRequest, chat_id: UUID) -> Status[None]:
    """It can be restored for 30 days."""
    actions.delete_chat(chat=chat_of(request, chat_id), at=clock.now())
    return Status(204, None)


@router.post(
    "/{uuid:chat_id}/restore",
    response={200: ChatOut, **errors(404)},
    summary="Take a chat out of the trash",
)
@policy(who="somebody")
def restore_chat(request: HttpRequest, chat_id: UUID) -> ChatOut:
    """Restoring it again changes nothing."""
    chat = Chat.objects.visible_to(caller_of(request)).filter(pk=chat_id).first()
    if chat is None:
        raise NotFound(_("You have no such chat."))
    actions.restore_chat(chat=chat)
    chat.refresh_from_db()
    return ChatOut.of(chat)
