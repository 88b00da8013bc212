"""Uploads in pieces: tus 1.0.0 for browsers, and for programs with a key under ``/api/v1``."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from atrium.files import actions, queries, storage, tus
from atrium.files.models import Upload
from atrium.kit import clock
from atrium.kit.errors import NotAllowed, Refusal, UnsupportedKind
from atrium.people import rates
from atrium.people.caller import Caller
from atrium.people.scopes import READ, WRITE
from atrium.web.policy import page
from atrium.web.refusals import refuse

View = Callable[..., HttpResponse]


class NotAPiece(UnsupportedKind):
    code = "not_a_piece"


def _spoken(view: View) -> View:
    """Speak tus around ``view``: its version in and out, and no form from elsewhere."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _count(request)
            response = _checked(request) or view(request, *args, **kwargs)
        except Refusal as refusal:
            response = refuse(request, refusal)
        rates.tell(request, response, at=clock.now())
        response.headers["Tus-Resumable"] = tus.VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return answer


@page("GET", who="anyone")
def limits(request: HttpRequest) -> HttpResponse:
    """Tell what may be uploaded, before anybody tries."""
    return JsonResponse(queries.allowance_of(_caller(request), at=clock.now()).as_dict())


@page("POST", "OPTIONS", who="anyone")
@_spoken
def uploads(request: HttpRequest) -> HttpResponse:
    """Begin an upload; OPTIONS tells what we understand."""
    if request.method == "OPTIONS":
        return _abilities()
    caller = cast(Caller, request.become_guest())  # type: ignore[attr-defined]
    at = clock.now()
    metadata = request.headers.get("Upload-Metadata", "")
    said = tus.described(metadata)
    upload = actions.open_upload(
        by=caller,
        name=said.name,
        declared_kind=said.kind,
        length=tus.number(request.headers.get("Upload-Length", ""), "Upload-Length"),
        metadata=metadata,
        at=at,
    )
    response = HttpResponse(status=201)
    response.headers["Location"] = f"{request.path}/{upload.pk}"
    if request.content_type == tus.PIECE_KIND:
        upload = _append(request, upload, offset=0, by=caller, at=at)
        response.headers["Upload-Offset"] = str(upload.received)
    return _with_state(response, upload)


@page("HEAD", "PATCH", "DELETE", "OPTIONS", who="anyone")
@_spoken
def upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Tell how far an upload is, take the next piece, or give it up."""
    if request.method == "OPTIONS":
        return _abilities()
    caller, at = _caller(request), clock.now()
    found = queries.upload_of(caller, upload_id)
    if request.method == "DELETE":
        actions.end_upload(upload=found, at=at)
        return HttpResponse(status=204)
    if request.method == "HEAD":
        return _told(found, by=caller, at=at)
    if request.content_type != tus.PIECE_KIND:
        raise NotAPiece(_("A piece is sent as {kind}.").format(kind=tus.PIECE_KIND))
    offset = tus.number(request.headers.get("Upload-Offset", ""), "Upload-Offset")
    found = _append(request, found, offset=offset, by=caller, at=at)
    response = HttpResponse(status=204)
    response.headers["Upload-Offset"] = str(found.received)
    return _with_state(response, found)


def _append(
    request: HttpRequest, upload: Upload, *, offset: int, by: Caller, at: datetime
) -> Upload:
    upload = actions.append(
        upload=upload,
        offset=offset,
        source=_pieces(request),
        checksum=tus.checksum(request.headers.get("Upload-Checksum", "")),
        at=at,
    )
    if upload.received == upload.length:
        actions.finish_upload(upload=upload, by=by, at=at)
    return upload


def _told(upload: Upload, *, by: Caller, at: datetime) -> HttpResponse:
    if upload.ended_at:
        raise actions.UploadEnded(_("This upload has ended. Begin again."))
    if upload.received == upload.length and not upload.file:
        # Whoever wrote the last piece died before it became a file.
        actions.finish_upload(upload=upload, by=by, at=at)
    response = HttpResponse(status=200)
    response.headers["Upload-Offset"] = str(upload.received)
    response.headers["Upload-Length"] = str(upload.length)
    if upload.metadata:
        response.headers["Upload-Metadata"] = upload.metadata
    return _with_state(response, upload)


def _with_state(response: HttpResponse, upload: Upload) -> HttpResponse:
    if upload.file:
        response.headers["Upload-Result"] = str(upload.file.pk)
    else:
        response.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


def _abilities() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(queries.largest_file()),
            "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
        },
    )


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(storage.PIECE):
        yield piece


def _count(request: HttpRequest) -> None:
    """Let a program ask no more often here than elsewhere in the API; a piece is no new change."""
    if request.path.startswith("/api/"):
        change = f"{request.method} uploads" if request.method in {"POST", "DELETE"} else ""
        rates.count_call(request, _caller(request), change=change, at=clock.now())


def _checked(request: HttpRequest) -> HttpResponse | None:
    if request.method == "OPTIONS":
        return None
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        response = refuse(request, tus.OtherVersion(_("We speak tus 1.0.0 here.")))
        response.headers["Tus-Version"] = tus.VERSION
        return response
    caller = _caller(request)
    needed = READ if request.method == "HEAD" else WRITE
    if not caller.has_scope(needed):
        raise NotAllowed(_("This key may not do that."), code="scope_missing")
    if caller.is_program:
        return None  # no browser sends a key or a token by itself
    refused = CsrfViewMiddleware(_unused).process_view(request, _unused, (), {})
    return cast(HttpResponse | None, refused)


def _unused(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
