"""Sending bytes: whole or a stretch of them, never more than a piece in memory."""

import asyncio
import os
import re
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_etags

from atrium.files import storage
from atrium.files.kinds import kind_of
from atrium.files.parcels import Parcel

_RANGE = re.compile(r"bytes=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.ASCII)
# Nothing that is opened by itself may run, load or show more than itself.
_ALONE = "sandbox; default-src 'none'; media-src 'self'; img-src 'self'"
# What is shown in its place is a picture or is played: browsers lay it out by their own styles.
_IN_ITS_PLACE = f"{_ALONE}; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class _Stretch:
    first: int
    length: int


def deliver(request: HttpRequest, parcel: Parcel) -> HttpResponseBase:
    """Answer with the bytes, or the stretch that ``Range`` asks for."""
    etag = f'"{parcel.etag}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _with_headers(HttpResponse(status=304), parcel)
    asked = _asked_range(request, parcel, etag)
    if isinstance(asked, HttpResponse):
        return _with_headers(asked, parcel)
    stretch = asked or _Stretch(0, parcel.size)
    response = _body(request, parcel.path, stretch)
    response.headers["Content-Type"] = _content_type(parcel.kind)
    response.headers["Content-Length"] = str(stretch.length)
    if asked:
        last = stretch.first + stretch.length - 1
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {stretch.first}-{last}/{parcel.size}"
    return _with_headers(response, parcel)


def disposition(name: str, *, is_inline: bool) -> str:
    """Return a Content-Disposition that no name can break out of (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'[\x00-\x1f\x7f"\\%/;]', "_", plain).strip(" .") or "file"
    how = "inline" if is_inline else "attachment"
    clean = re.sub(r"[\x00-\x1f\x7f]", "", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def _with_headers(response: HttpResponseBase, parcel: Parcel) -> HttpResponseBase:
    response.headers["ETag"] = f'"{parcel.etag}"'
    response.headers["Last-Modified"] = http_date(parcel.made_at.timestamp())
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = _IN_ITS_PLACE if parcel.is_inline else _ALONE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = disposition(parcel.name, is_inline=parcel.is_inline)
    return response


def _content_type(kind: str) -> str:
    if kind == "text/html":  # to be read, never to be run
        return "text/plain; charset=utf-8"
    known = kind_of(kind)
    is_text = known is not None and known.nature == "text"
    return f"{kind}; charset=utf-8" if is_text else kind


def _asked_range(request: HttpRequest, parcel: Parcel, etag: str) -> _Stretch | HttpResponse | None:
    """Return the stretch, None for the whole, or the answer that there is no such stretch."""
    header = request.headers.get("Range", "")
    condition = request.headers.get("If-Range", "")
    if condition and condition not in {etag, http_date(parcel.made_at.timestamp())}:
        return None
    found = _RANGE.fullmatch(header)
    if not found or not (found[1] or found[2]):
        return None  # none, several, or none that can be read: then everything, says RFC 9110
    if not found[1]:
        length = min(int(found[2]), parcel.size)
        first = parcel.size - length
    else:
        first = int(found[1])
        last = min(int(found[2]), parcel.size - 1) if found[2] else parcel.size - 1
        if found[2] and int(found[2]) < first:
            return None
        length = last - first + 1
    if length <= 0 or first >= parcel.size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{parcel.size}"})
    return _Stretch(first, length)


def _body(request: HttpRequest, path: Path, stretch: _Stretch) -> HttpResponseBase:
    if request.META.get("REQUEST_METHOD") == "HEAD":  # the API's surroundings say GET instead
        return HttpResponse()
    if isinstance(request, ASGIRequest):
        return StreamingHttpResponse(_read_along(path, stretch))
    return StreamingHttpResponse(storage.pieces(path, start=stretch.first, length=stretch.length))


async def _read_along(path: Path, stretch: _Stretch) -> AsyncIterator[bytes]:
    # A plain iterator would be gathered into one list under ASGI.
    descriptor = await asyncio.to_thread(os.open, path, os.O_RDONLY)
    try:
        at, end = stretch.first, stretch.first + stretch.length
        while at < end:
            piece = await asyncio.to_thread(os.pread, descriptor, min(storage.PIECE, end - at), at)
            if not piece:
                return
            at += len(piece)
            yield piece
    finally:
        os.close(descriptor)
