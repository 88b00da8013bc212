from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from atrium.kit.errors import NotFound
from atrium.people import actions
from atrium.people.api.asking import caller_in, me_in, session_hash_in
from atrium.people.models import Session
from atrium.people.queries import sessions_of
from atrium.people.schemas.sessions import SessionList, SessionOut
from atrium.people.scopes import ACCOUNT, scope
from atrium.web.policy import policy
from atrium.web.schemas import errors

router = Router()


@router.get(
    "/sessions", response=SessionList, tags=["sessions"], summary="List where you are signed in"
)
@scope(ACCOUNT)
@policy(who="member")
def list_sessions(request: HttpRequest) -> SessionList:
    """The browsers in which your session has not ended, the latest first."""
    this_one = session_hash_in(request)
    mine = sessions_of(me_in(request))
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
    session = Session.objects.visible_to(caller_in(request)).filter(id=session_id).first()
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
    actions.sign_out_everywhere(person=me_in(request), except_key_hash=session_hash_in(request))
    return Status(204, None)
