from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.responses import Status

from atrium.chat import actions, invited
from atrium.chat.access import Right, who_pays
from atrium.chat.actions import InvitationGone
from atrium.chat.api.chats import After, Size
from atrium.chat.api.whose import caller_of, chat_of, router
from atrium.chat.models import Chat, Collaborator
from atrium.chat.schemas import ChatOut, ChatPage
from atrium.chat.schemas.people import (
    CollaboratorOut,
    InvitationIntoChat,
    InvitationsIntoChats,
    InviteIn,
    PayingIn,
    PayingOut,
    PeopleOut,
    RoleIn,
)
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people.access import shown_name
from atrium.web.policy import policy
from atrium.web.schemas import errors


@router.get("/with-me", response=ChatPage, summary="List the chats of others that you take part in")
@policy(who="somebody")
def list_shared(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> ChatPage:
    """The latest first."""
    listed = Chat.objects.shared_with(caller_of(request))
    page = page_of(listed, after=after, size=size, order=("-touched_at", "-id"))
    return ChatPage(items=[ChatOut.of(chat, is_own=False) for chat in page.items], next=page.next)


@router.get(
    "/invitations", response=InvitationsIntoChats, summary="List the chats you are invited into"
)
@policy(who="somebody")
def list_invitations(request: HttpRequest) -> InvitationsIntoChats:
    """By your name, or to a mail address that you confirmed. The latest first."""
    found = invited.invitations_of(caller_of(request))[: LIMITS.page_items_most]
    return InvitationsIntoChats(items=[InvitationIntoChat.of(one) for one in found])


@router.get(
    "/{uuid:chat_id}/people",
    response={200: PeopleOut, **errors(404)},
    summary="See who takes part in a chat",
)
@policy(who="somebody")
def list_people(request: HttpRequest, chat_id: UUID) -> PeopleOut:
    """Its owner also sees who was asked and has not answered."""
    chat = chat_of(request, chat_id)
    return PeopleOut(
        owner=shown_name(chat),
        items=[CollaboratorOut.of(one, for_owner=chat.is_own) for one in invited.people_in(chat)],
        pays=PayingOut.of(who_pays(chat, at=clock.now())),
    )


@router.post(
    "/{uuid:chat_id}/people",
    response={201: CollaboratorOut, **errors(403, 404, 409, 429)},
    summary="Invite somebody into a chat",
)
@policy(who="member")
def invite(request: HttpRequest, chat_id: UUID, wanted: InviteIn) -> Status[CollaboratorOut]:
    """The answer is the same whether or not anybody has that name or address."""
    made = actions.invite(
        by=caller_of(request),
        chat=chat_of(request, chat_id, Right.OWN),
        asked_for=wanted.whom,
        role=Collaborator.Role(wanted.role),
        at=clock.now(),
    )
    return Status(201, CollaboratorOut.of(made, for_owner=True))


@router.put(
    "/{uuid:chat_id}/paying",
    response={200: PayingOut, **errors(403, 404)},
    summary="Say who pays for what others ask",
)
@policy(who="member")
def set_paying(request: HttpRequest, chat_id: UUID, wanted: PayingIn) -> PayingOut:
    """It holds from the next question on; your own questions are yours in any case."""
    at = clock.now()
    chat = actions.set_treat(
        by=caller_of(request),
        chat=chat_of(request, chat_id, Right.OWN),
        tokens=wanted.tokens,
        is_monthly=wanted.is_monthly,
        at=at,
    )
    return PayingOut.of(who_pays(chat, at=at))


@router.post(
    "/{uuid:chat_id}/leave",
    response={204: None, **errors(404)},
    summary="Take part in a chat no longer",
)
@policy(who="member")
def leave(request: HttpRequest, chat_id: UUID) -> Status[None]:
    """What you said stays; your files are quoted no more. The owner cannot leave."""
    actions.leave(by=caller_of(request), chat=chat_of(request, chat_id), at=clock.now())
    return Status(204, None)


@router.post(
    "/people/{uuid:asked_id}/accept",
    response={200: CollaboratorOut, **errors(404)},
    summary="Accept an invitation into a chat",
)
@policy(who="member")
def accept(request: HttpRequest, asked_id: UUID) -> CollaboratorOut:
    """From then on the chat is among those shared with you."""
    asked = _asked(request, asked_id)
    found = actions.accept(by=caller_of(request), collaborator=asked, at=clock.now())
    return CollaboratorOut.of(found, for_owner=False)


@router.post(
    "/people/{uuid:asked_id}/decline",
    response={204: None, **errors(404)},
    summary="Decline an invitation into a chat",
)
@policy(who="member")
def decline(request: HttpRequest, asked_id: UUID) -> Status[None]:
    """Its owner sees that, and may ask again."""
    asked = _asked(request, asked_id)
    actions.decline(by=caller_of(request), collaborator=asked, at=clock.now())
    return Status(204, None)


@router.patch(
    "/people/{uuid:collaborator_id}",
    response={200: CollaboratorOut, **errors(403, 404)},
    summary="Let somebody write in a chat, or only read it",
)
@policy(who="member")
def change_role(request: HttpRequest, collaborator_id: UUID, wanted: RoleIn) -> CollaboratorOut:
    """In a chat of your own."""
    one = _of_mine(request, collaborator_id)
    role = Collaborator.Role(wanted.role)
    changed = actions.change_role(
        by=caller_of(request), collaborator=one, role=role, at=clock.now()
    )
    return CollaboratorOut.of(changed, for_owner=True)


@router.delete(
    "/people/{uuid:collaborator_id}",
    response={204: None, **errors(403, 404)},
    summary="Remove somebody from a chat",
)
@policy(who="member")
def remove(request: HttpRequest, collaborator_id: UUID) -> Status[None]:
    """Of your own; or take an invitation back. It holds at once."""
    one = _of_mine(request, collaborator_id)
    actions.remove(by=caller_of(request), collaborator=one, at=clock.now())
    return Status(204, None)


def _asked(request: HttpRequest, asked_id: UUID) -> Collaborator:
    found = invited.invitation_of(caller_of(request), asked_id)
    if found is None:
        raise InvitationGone(_("This invitation is not there any more."))
    return found


def _of_mine(request: HttpRequest, collaborator_id: UUID) -> Collaborator:
    found = invited.collaborator_of(caller_of(request), collaborator_id)
    if found is None:
        raise InvitationGone(_("Nobody is asked like that."))
    return found
