"""Chats sent as files that are made while they are sent, from pages and the API alike."""

from collections.abc import AsyncIterator, Iterator

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation

from atrium.chat import exporting
from atrium.chat.exporting import FORMS, Form
from atrium.chat.models import Chat, ChatQuerySet
from atrium.files.delivery import disposition
from atrium.kit import clock
from atrium.kit.offload import offload


def one_sent(request: HttpRequest, chat: Chat, form: str) -> HttpResponseBase:
    """Send one chat in this form."""
    way = _way(form)
    pieces = (piece.encode() for piece in way.pieces(chat))
    return _sent(request, pieces, name=exporting.name_of(chat, way), kind=way.kind)


def all_sent(request: HttpRequest, chats: ChatQuerySet, form: str) -> HttpResponseBase:
    """Send all of these: as lines of JSON, or as a zip."""
    way = _way(form)
    ending, kind = way.together
    name = f"atrium-chats-{clock.now():%Y-%m-%d}.{ending}"
    return _sent(request, exporting.every(chats, way), name=name, kind=kind)


def _way(form: str) -> Form:
    if form not in FORMS:
        raise Http404
    return FORMS[form]


def _sent(
    request: HttpRequest, pieces: Iterator[bytes], *, name: str, kind: str
) -> HttpResponseBase:
    """Answer with a file that is made while it is sent."""
    told = _in_words_of(request, pieces)
    body = _along(told) if isinstance(request, ASGIRequest) else told
    answer = StreamingHttpResponse(body, content_type=kind)
    answer["Content-Disposition"] = disposition(name, is_inline=False)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _in_words_of(request: HttpRequest, pieces: Iterator[bytes]) -> Iterator[bytes]:
    # Made later, in threads that know nothing of the request's language and time.
    language, zone = translation.get_language(), timezone.get_current_timezone()

    def written() -> Iterator[bytes]:
        while True:
            with translation.override(language), timezone.override(zone):
                piece = next(pieces, None)
            if piece is None:
                return
            if piece:
                yield piece

    return written()


async def _along(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    # A plain iterator would be gathered into one list under ASGI.
    while piece := await offload(next, pieces, b""):
        yield piece
