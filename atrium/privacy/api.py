from typing import Annotated, Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from atrium.files.delivery import deliver
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.people.recently import check_recent
from atrium.people.scopes import ACCOUNT, scope
from atrium.privacy import actions, queries
from atrium.privacy.models import Erasure
from atrium.privacy.schemas import ErasureOut, ExportOut, ExportPage
from atrium.web.policy import policy
from atrium.web.schemas import errors

PREFIX = "/me"
router = Router(tags=["you"])

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
_DOWNLOAD: dict[str, Any] = {
    "responses": {
        200: {
            "description": "The zip.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


@router.get("/exports", response=ExportPage, summary="List the copies of your data")
@scope(ACCOUNT)
@policy(who="member")
def list_exports(
    request: HttpRequest, after: After = None, size: Size = LIMITS.page_items
) -> ExportPage:
    """Yours, and those that staff made with a reason; the newest first."""
    found = queries.exports_of(_caller(request))
    page = page_of(found, after=after, size=size, order=("-asked_at", "-id"))
    return ExportPage(items=[ExportOut.of(export) for export in page.items], next=page.next)


@router.post("/exports", response={202: ExportOut}, summary="Have a copy of your data made")
@scope(ACCOUNT)
@policy(who="member")
def ask_export(request: HttpRequest) -> Status[ExportOut]:
    """Everything that is yours, made in the background; within a day it is the same copy."""
    export = actions.ask_export(by=_caller(request), language=get_language() or "", at=clock.now())
    return Status(202, ExportOut.of(export))


@router.get(
    "/exports/{uuid:export_id}",
    response={200: ExportOut, **errors(404)},
    summary="How far a copy is",
)
@scope(ACCOUNT)
@policy(who="member")
def get_export(request: HttpRequest, export_id: UUID) -> ExportOut:
    """Its state, and how much of the work is done."""
    return ExportOut.of(queries.export_of(_caller(request), export_id))


@router.delete(
    "/exports/{uuid:export_id}", response={204: None, **errors(404)}, summary="Stop making a copy"
)
@scope(ACCOUNT)
@policy(who="member")
def call_off(request: HttpRequest, export_id: UUID) -> Status[None]:
    """One that is made already stays until it expires."""
    export = queries.export_of(_caller(request), export_id)
    actions.call_off_export(export=export, at=clock.now())
    return Status(204, None)


@router.get(
    "/exports/{uuid:export_id}/content",
    response=errors(404, 410),
    summary="Download a copy",
    openapi_extra=_DOWNLOAD,
)
@scope(ACCOUNT)
@policy(who="member")
def content(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """One zip, as long as it is kept; each download is written down."""
    caller = _caller(request)
    export = queries.export_of(caller, export_id)
    parcel = queries.parcel_of(export, at=clock.now())
    actions.note_download(export=export, by=caller, at=clock.now())
    return deliver(request, parcel)


@router.get(
    "/erasure", response={200: ErasureOut, **errors(404)}, summary="When your account is erased"
)
@scope(ACCOUNT)
@policy(who="member")
def get_erasure(request: HttpRequest) -> ErasureOut:
    """404 while nobody asked for it."""
    return ErasureOut.of(_standing(_me(request)))


@router.post(
    "/erasure", response={202: ErasureOut, **errors(409)}, summary="Have your account erased"
)
@scope(ACCOUNT)
@policy(who="member")
def ask_erasure(request: HttpRequest) -> Status[ErasureOut]:
    """After some days to think it over. A key cannot ask for it: prove who you are first."""
    check_recent(request)
    erasure = actions.ask_erasure(person=_me(request), at=clock.now())
    return Status(202, ErasureOut.of(erasure))


@router.delete("/erasure", response={204: None, **errors(404, 409)}, summary="Keep your account")
@scope(ACCOUNT)
@policy(who="member")
def keep(request: HttpRequest) -> Status[None]:
    """Until it begins."""
    _standing(_me(request))
    actions.keep_account(person=_me(request), at=clock.now())
    return Status(204, None)


def _standing(person: User) -> Erasure:
    found = queries.erasure_of(person)
    if found is None:
        raise NotFound(_("Your account is not going to be erased."))
    return found


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)
