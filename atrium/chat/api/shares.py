from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query
from ninja.responses import Status

from atrium.chat import actions, copies, queries
from atrium.chat.api.chats import After, Size
from atrium.chat.api.whose import caller_of, router
from atrium.chat.models import Chat, SharedCopy
from atrium.chat.schemas.shares import (
    ListedOut,
    ListedPage,
    SharedFileOut,
    SharedOut,
    SharedTurnOut,
    ShareIn,
    ShareOut,
    SharePage,
    SharesEndedOut,
)
from atrium.chat.schemas.turns import ChatOut
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.web.policy import policy
from atrium.web.schemas import errors

AfterTurn = Annotated[
    int, Query(0, ge=0, le=1_000_000, description="The `next` of the answer before.")
]


@router.get("/shares", response=SharePage, summary="List the copies of chats that you share")
@policy(who="member")
def list_shares(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> SharePage:
    """The latest first."""
    mine = copies.copies_by(caller_of(request))
    page = page_of(mine, after=after, size=size, order=("-made_at", "-id"))
    return SharePage(items=[ShareOut.of(copy) for copy in page.items], next=page.next)


@router.delete("/shares", response=SharesEndedOut, summary="End all copies that you share")
@policy(who="member")
def end_shares(request: HttpRequest) -> SharesEndedOut:
    """Their links answer 410 from now on."""
    return SharesEndedOut(ended=actions.revoke_all_copies(by=caller_of(request), at=clock.now()))


@router.get(
    "/{uuid:chat_id}/share",
    response={200: ShareOut, **errors(404)},
    summary="See how a chat is shared",
)
@policy(who="member")
def read_share(request: HttpRequest, chat_id: UUID) -> ShareOut:
    """404 while it is not."""
    copy = _copy(_mine(request, chat_id))
    return ShareOut.of(copy)


@router.put(
    "/{uuid:chat_id}/share",
    response={200: ShareOut, **errors(403, 404, 409, 413)},
    summary="Share a copy of a chat",
)
@policy(who="member")
def share_chat(request: HttpRequest, chat_id: UUID, wanted: ShareIn) -> ShareOut:
    """What it says now, frozen. Shared before, the same link shows what it says now."""
    copy = actions.share_chat(
        chat=_mine(request, chat_id),
        by=caller_of(request),
        lasts=wanted.lasts,
        is_listed=wanted.listed,
        documents=wanted.documents,
        at=clock.now(),
    )
    return ShareOut.of(copy)


@router.delete(
    "/{uuid:chat_id}/share",
    response={204: None, **errors(404)},
    summary="Stop sharing a chat",
)
@policy(who="member")
def end_share(request: HttpRequest, chat_id: UUID) -> Status[None]:
    """Its link answers 410 from now on. Chats that others began with it stay theirs."""
    copy = copies.copy_of(_mine(request, chat_id))
    if copy:
        actions.revoke_copy(copy=copy, at=clock.now())
    return Status(204, None)


@router.get("/shared", response=ListedPage, summary="List the chats shared with everybody")
@policy(who="anyone")
def list_shared(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> ListedPage:
    """Empty where the operator keeps no public list."""
    found = copies.listed(at=clock.now())
    page = page_of(found, after=after, size=size, order=("-frozen_at", "-id"))
    return ListedPage(items=[ListedOut.of(copy) for copy in page.items], next=page.next)


@router.get(
    "/shared/{share_token}",
    response={200: SharedOut, **errors(404, 410)},
    summary="Read a shared chat",
)
@policy(who="anyone")
def read_shared(request: HttpRequest, share_token: str, after: AfterTurn = 0) -> SharedOut:
    """`share_token` is the end of its link. 410 when it has ended."""
    copy = copies.shared_with(share_token, at=clock.now())
    said = copies.stretch_of(copy, after=after)
    if not after:
        actions.note_view(copy=copy, by=caller_of(request))
    return SharedOut(
        title=copy.title,
        frozen_at=copy.frozen_at,
        turns=[SharedTurnOut.of(turn) for turn in said.turns],
        next=said.next,
        files=[SharedFileOut.of(file) for file in copies.files_of(copy)],
    )


@router.post(
    "/shared/{share_token}/fork",
    response={201: ChatOut, **errors(404, 410, 429)},
    summary="Go on with a shared chat",
)
@policy(who="somebody")
def fork_shared(request: HttpRequest, share_token: str) -> Status[ChatOut]:
    """A chat of your own that begins with it; what you ask in it is yours to pay."""
    at = clock.now()
    copy = copies.shared_with(share_token, at=at)
    return Status(201, ChatOut.of(actions.fork(copy=copy, by=caller_of(request), at=at)))


def _mine(request: HttpRequest, chat_id: UUID) -> Chat:
    chat = queries.chat_owned_by(caller_of(request), chat_id)
    if chat is None:
        raise NotFound(_("You have no such chat."))
    return chat


def _copy(chat: Chat) -> SharedCopy:
    copy = copies.copy_of(chat)
    if copy is None:
        raise NotFound(_("This chat is not shared."))
    return copy
