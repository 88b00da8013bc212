from typing import Annotated
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query
from ninja.responses import Status

from atrium.chat import actions, keeping
from atrium.chat.access import Right
from atrium.chat.api.whose import caller_of, chat_of, folder_of, router
from atrium.chat.models import Chat
from atrium.chat.schemas import ChatIn, ChatOut, ChatPage
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

InFolder = Annotated[UUID | None, Query(None, description="Those in this folder only.")]
Pinned = Annotated[bool | None, Query(None, description="Only those that are pinned, or not.")]


@router.get("", response={200: ChatPage, **errors(404)}, summary="List your chats")
@policy(who="somebody")
def list_chats(
    request: HttpRequest,
    after: After = None,
    size: Size = LIMITS.page_items,
    trash: Trash = False,  # noqa: FBT002
    folder: InFolder = None,
    pinned: Pinned = None,
) -> ChatPage:
    """The latest first."""
    caller = caller_of(request)
    order: tuple[str, ...] = ("-touched_at", "-id")
    if trash:
        listed, order = keeping.trash_of(caller, at=clock.now()), ("-deleted_at", "-id")
    else:
        listed = keeping.chats_in(caller, folder_of(request, folder) if folder else None)
    if pinned is not None:
        listed = listed.filter(pinned_at__isnull=not pinned)
    page = page_of(listed, after=after, size=size, order=order)
    return ChatPage(items=[ChatOut.of(chat) for chat in page.items], next=page.next)


@router.patch(
    "/{uuid:chat_id}",
    response={200: ChatOut, **errors(403, 404)},
    summary="Rename a chat, pin it, or put it into a folder",
)
@policy(who="somebody")
def change_chat(request: HttpRequest, chat_id: UUID, wanted: ChatIn) -> ChatOut:
    """A title that was given stays; nothing changes it by itself any more. Where a chat is kept is
    its owner's alone."""
    keeps = wanted.pinned is not None or "folder" in wanted.model_fields_set
    chat = chat_of(request, chat_id, Right.OWN if keeps else Right.EDIT)
    by, at = caller_of(request), clock.now()
    with transaction.atomic():
        if wanted.title is not None:
            actions.rename_chat(chat=chat, title=wanted.title, at=at)
        if "folder" in wanted.model_fields_set:
            folder = folder_of(request, wanted.folder) if wanted.folder else None
            actions.move_chat(chat=chat, folder=folder)
        if wanted.pinned is not None:
            if wanted.pinned:
                actions.pin_chat(chat=chat, by=by, at=at)
            else:
                actions.unpin_chat(chat=chat)
    return ChatOut.of(chat_of(request, chat_id))


@router.delete(
    "/{uuid:chat_id}", response={204: None, **errors(403, 404)}, summary="Put a chat into the trash"
)
@policy(who="somebody")
def delete_chat(request: HttpRequest, chat_id: UUID) -> Status[None]:
    """It can be restored for 30 days."""
    actions.delete_chat(chat=chat_of(request, chat_id, Right.OWN), at=clock.now())
    return Status(204, None)


@router.post(
    "/{uuid:chat_id}/restore",
    response={200: ChatOut, **errors(404)},
    summary="Take a chat out of the trash",
)
@policy(who="somebody")
def restore_chat(request: HttpRequest, chat_id: UUID) -> ChatOut:
    """Restoring it again changes nothing."""
    chat = Chat.objects.of(caller_of(request)).filter(pk=chat_id).first()
    if chat is None:
        raise NotFound(_("You have no such chat."))
    actions.restore_chat(chat=chat)
    chat.refresh_from_db()
    return ChatOut.of(chat)


@router.post(
    "/{uuid:chat_id}/purge",
    response={204: None, **errors(404, 409)},
    summary="Remove a chat of the trash for good",
)
@policy(who="somebody")
def purge_chat(request: HttpRequest, chat_id: UUID) -> Status[None]:
    """Files that only it uses go with it; its receipts stay."""
    mine = Chat.objects.of(caller_of(request))
    chat = mine.filter(pk=chat_id).first()
    if chat is None:
        raise NotFound(_("You have no such chat."))
    actions.purge_chat(chat=chat, at=clock.now())
    return Status(204, None)
