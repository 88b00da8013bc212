from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from atrium.files import actions, queries, storage
from atrium.files.delivery import deliver
from atrium.files.links import signed_address
from atrium.files.models import File
from atrium.files.parcels import parcel_of
from atrium.files.schemas import FileOut, FilePage, LimitsOut, LinkOut
from atrium.kit import clock
from atrium.kit.errors import Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people.caller import Caller
from atrium.web.policy import policy
from atrium.web.schemas import errors

PREFIX = "/files"
router = Router()

After = Annotated[
    str | None,
    Query(None, max_length=LIMITS.cursor_characters, description="The `next` of the page before."),
]
Size = Annotated[int, Query(LIMITS.page_items, ge=1, le=LIMITS.page_items_most)]
Name = Annotated[
    str,
    Query("", max_length=1000, description="What the file is called, unless it comes in a form."),
]
Trash = Annotated[bool, Query(False, description="Those in the trash instead.")]  # noqa: FBT003
Seconds = Annotated[int, Query(LIMITS.signed_address_seconds, ge=1, le=600)]

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A form with one `file`, or the bytes themselves with `?name=`.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/octet-stream": _BYTES,
        },
    }
}
_DOWNLOAD: dict[str, Any] = {
    "responses": {
        200: {"description": "All bytes.", "content": {"application/octet-stream": _BYTES}},
        206: {"description": "A stretch.", "content": {"application/octet-stream": _BYTES}},
        304: {"description": "Nothing changed."},
        416: {"description": "There is no such stretch."},
    }
}


class OneFile(Unprocessable):
    code = "one_file"


@router.get("", response=FilePage, tags=["files"], summary="List your files")
@policy(who="somebody")
def list_files(
    request: HttpRequest,
    after: After = None,
    size: Size = LIMITS.page_items,
    trash: Trash = False,  # noqa: FBT002
) -> FilePage:
    """The newest first."""
    files = File.objects.visible_to(_caller(request))
    files = files.in_trash() if trash else files.kept()
    page = page_of(files, after=after, size=size, order=("-made_at", "-id"))
    return FilePage(items=[FileOut.of(file) for file in page.items], next=page.next)


@router.post(
    "",
    response={201: FileOut, **errors(409, 503)},
    tags=["files"],
    summary="Upload a file",
    openapi_extra=_UPLOAD,
)
@policy(who="somebody")
def upload_file(request: HttpRequest, name: Name = "") -> Status[FileOut]:
    """One file in one request; larger ones go by tus at `/api/v1/files/uploads`."""
    if request.content_type == "multipart/form-data":
        found = request.FILES.getlist("file")
        if len(found) != 1:
            raise OneFile(_("Send one file, in the field “file”."))
        name, kind = found[0].name or "", found[0].content_type or ""
        source, size = found[0].chunks(), found[0].size or 0
    else:
        kind, source = request.content_type or "", _pieces(request)
        size = _length(request)
    file = actions.keep_upload(
        by=_caller(request),
        name=name,
        source=source,
        declared_kind=kind,
        expected_size=size,
        at=clock.now(),
    )
    return Status(201, FileOut.of(file))


@router.get("/limits", response=LimitsOut, tags=["files"], summary="What may be uploaded")
@policy(who="anyone")
def limits(request: HttpRequest) -> LimitsOut:
    """Ask before you send."""
    return LimitsOut(**queries.allowance_of(_caller(request), at=clock.now()).as_dict())


@router.get(
    "/{uuid:file_id}",
    response={200: FileOut, **errors(404)},
    tags=["files"],
    summary="Look at a file",
)
@policy(who="somebody")
def get_file(request: HttpRequest, file_id: UUID) -> FileOut:
    """What is known of it; its bytes are at `/content`."""
    return FileOut.of(queries.file_of(_caller(request), file_id))


@router.delete(
    "/{uuid:file_id}",
    response={204: None, **errors(404)},
    tags=["files"],
    summary="Put a file into the trash",
)
@policy(who="somebody")
def delete_file(request: HttpRequest, file_id: UUID) -> Status[None]:
    """It can be restored for as long as the operator decided. Deleting it again changes nothing."""
    caller = _caller(request)
    file = queries.file_of(caller, file_id)
    actions.delete_file(file=file, by=caller, at=clock.now())
    return Status(204, None)


@router.post(
    "/{uuid:file_id}/restore",
    response={200: FileOut, **errors(404)},
    tags=["files"],
    summary="Take a file out of the trash",
)
@policy(who="somebody")
def restore_file(request: HttpRequest, file_id: UUID) -> FileOut:
    """Restoring it again changes nothing."""
    caller = _caller(request)
    file = queries.file_of(caller, file_id)
    return FileOut.of(actions.restore_file(file=file, by=caller, at=clock.now()))


@router.post(
    "/{uuid:file_id}/link",
    response={200: LinkOut, **errors(404)},
    tags=["files"],
    summary="Make an address that opens a file",
)
@policy(who="somebody")
def make_link(
    request: HttpRequest, file_id: UUID, seconds: Seconds = LIMITS.signed_address_seconds
) -> LinkOut:
    """Whoever holds it can read the file until it expires, ten minutes from now at the latest."""
    file, at = queries.file_of(_caller(request), file_id), clock.now()
    url = signed_address(file, seconds=seconds, at=at)
    return LinkOut(url=url, expires_at=at + timedelta(seconds=seconds))


@router.get(
    "/{uuid:file_id}/content",
    response={200: None, **errors(404)},
    tags=["files"],
    summary="Read the bytes of a file",
    openapi_extra=_DOWNLOAD,
)
@policy(who="somebody")
def read_content(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """All of them, or the stretch that `Range` asks for."""
    return deliver(request, parcel_of(queries.file_of(_caller(request), file_id)))


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(storage.PIECE):
        yield piece


def _length(request: HttpRequest) -> int:
    said = request.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() else 0


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
