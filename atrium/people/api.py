from typing import Annotated, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people import actions
from atrium.people.caller import Caller
from atrium.people.models import ApiKey, Session, User
from atrium.people.queries import history_of, sessions_of
from atrium.people.schemas import (
    DoneOut,
    DonePage,
    KeyIn,
    KeyOut,
    KeyPage,
    NewKeyOut,
    SessionList,
    SessionOut,
)
from atrium.people.scopes import ACCOUNT, scope
from atrium.people.session_store import hash_of
from atrium.web.policy import policy
from atrium.web.schemas import errors

PREFIX = ""
router = Router()

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]


@router.get("/keys", response=KeyPage, tags=["keys"], summary="List your keys")
@scope(ACCOUNT)
@policy(who="member")
def list_keys(request: HttpRequest, after: After = None, size: Size = LIMITS.page_items) -> KeyPage:
    """Keys that still work, the newest first."""
    usable = ApiKey.objects.visible_to(_caller(request)).usable(at=clock.now())
    page = page_of(usable, after=after, size=size, order=("-made_at", "-id"))
    return KeyPage(items=[KeyOut.of(key) for key in page.items], next=page.next)


@router.post("/keys", response={201: NewKeyOut, **errors(409)}, tags=["keys"], summary="Make a key")
@scope(ACCOUNT)
@policy(who="member")
def make_key(request: HttpRequest, asked: KeyIn) -> Status[NewKeyOut]:
    """The answer holds the token, which is not shown again.

    Asked with a key, the new one may do no more, and works no longer, than that key.
    """
    key, token = actions.issue_key(
        person=_me(request),
        name=asked.name,
        scopes=asked.scopes,
        expires_at=asked.expires_at,
        asked_with=_caller(request).key,
        at=clock.now(),
    )
    return Status(201, NewKeyOut.with_token(key, token))


@router.delete(
    "/keys/{uuid:key_id}",
    response={204: None, **errors(404)},
    tags=["keys"],
    summary="Revoke a key",
)
@scope(ACCOUNT)
@policy(who="member")
def revoke_key(request: HttpRequest, key_id: UUID) -> Status[None]:
    """It opens nothing from the next call on. Revoking it again changes nothing."""
    key = ApiKey.objects.visible_to(_caller(request)).filter(pk=key_id).first()
    if key is None:
        raise NotFound(_("You have no such key."))
    actions.revoke_key(key=key, at=clock.now())
    return Status(204, None)


@router.get(
    "/sessions", response=SessionList, tags=["sessions"], summary="List where you are signed in"
)
@scope(ACCOUNT)
@policy(who="member")
def list_sessions(request: HttpRequest) -> SessionList:
    """The browsers in which your session has not ended, the latest first."""
    this_one = _session_hash(request)
    mine = sessions_of(_me(request))
    return SessionList(items=[SessionOut.of(session, this_one=this_one) for session in mine])


@router.delete(
    "/sessions/{uuid:session_id}",
    response={204: None, **errors(404)},
    tags=["sessions"],
    summary="Sign one browser out",
)
@scope(ACCOUNT)
@policy(who="member")
def end_session(request: HttpRequest, session_id: UUID) -> Status[None]:
    """Its next request is nobody's."""
    session = Session.objects.visible_to(_caller(request)).filter(id=session_id).first()
    if session is None:
        raise NotFound(_("You are not signed in there."))
    actions.end_session(session=session)
    return Status(204, None)


@router.delete(
    "/sessions", response={204: None}, tags=["sessions"], summary="Sign every other browser out"
)
@scope(ACCOUNT)
@policy(who="member")
def end_other_sessions(request: HttpRequest) -> Status[None]:
    """Asked with a key, it signs all of them out."""
    actions.sign_out_everywhere(person=_me(request), except_key_hash=_session_hash(request))
    return Status(204, None)


@router.get(
    "/me/history", response=DonePage, tags=["you"], summary="List what was done to your account"
)
@scope(ACCOUNT)
@policy(who="member")
def list_history(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> DonePage:
    """By you, by staff, by the operator or by the house itself; the newest first."""
    me = _me(request)
    page = page_of(history_of(me), after=after, size=size, order=("-number",))
    return DonePage(items=[DoneOut.of(entry, me) for entry in page.items], next=page.next)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)


def _session_hash(request: HttpRequest) -> str:
    by_key = request.caller.key  # type: ignore[attr-defined]
    key = "" if by_key else request.session.session_key
    return hash_of(key) if key else ""
