from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.people import actions
from atrium.people.api.asking import caller_in, me_in, session_hash_in
from atrium.people.models import Session, TokenFamily
from atrium.people.queries import apps_of, sessions_of
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
    """The browsers and apps in which you have not signed out, each kind the latest first."""
    me, app, this_one = me_in(request), caller_in(request).app, session_hash_in(request)
    browsers = [SessionOut.of(session, this_one=this_one) for session in sessions_of(me)]
    apps = [SessionOut.of_app(family, this_one=app) for family in apps_of(me)]
    return SessionList(items=[*browsers, *apps])


@router.delete(
    "/sessions/{uuid:session_id}",
    response={204: None, **errors(404)},
    tags=["sessions"],
    summary="Sign one browser or app out",
)
@scope(ACCOUNT)
@policy(who="member")
def end_session(request: HttpRequest, session_id: UUID) -> Status[None]:
    """Its next request is nobody's."""
    me = caller_in(request)
    session = Session.objects.visible_to(me).filter(id=session_id).first()
    family = TokenFamily.objects.visible_to(me).filter(id=session_id).first()
    if session:
        actions.end_session(session=session, at=clock.now())
    elif family:
        actions.end_family(family=family, at=clock.now())
    else:
        raise NotFound(_("You are not signed in there."))
    return Status(204, None)


@router.delete(
    "/sessions", response={204: None}, tags=["sessions"], summary="Sign everything else out"
)
@scope(ACCOUNT)
@policy(who="member")
def end_other_sessions(request: HttpRequest) -> Status[None]:
    """Every other browser and app; asked with a key, all of them."""
    app = caller_in(request).app
    actions.sign_out_everywhere(
        person=me_in(request),
        except_key_hash=session_hash_in(request),
        except_family=app.pk if app else None,
        at=clock.now(),
    )
    return Status(204, None)
