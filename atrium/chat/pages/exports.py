from collections.abc import AsyncIterator, Iterator
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation

from atrium.chat import exporting, keeping
from atrium.chat.exporting import FORMS, Form
from atrium.chat.pages.whose import caller_of, chat_of
from atrium.files.delivery import disposition
from atrium.kit import clock
from atrium.kit.offload import offload
from atrium.web.policy import page


@page("GET", who="anyone")
def one(request: HttpRequest, chat_id: UUID, form: str) -> HttpResponseBase:
    """Send one chat as a file."""
    way = way_named(form)
    if way is None:
        raise Http404
    chat = chat_of(request, chat_id)
    pieces = (piece.encode() for piece in way.pieces(chat))
    return sent(request, pieces, name=exporting.name_of(chat, way), kind=way.kind)


@page("GET", who="somebody")
def every(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send all chats of the caller: as lines of JSON, or as a zip."""
    way = way_named(form)
    if way is None:
        raise Http404
    return all_sent(request, way)


def all_sent(request: HttpRequest, way: Form) -> HttpResponseBase:
    pieces = exporting.every(keeping.chats_in(caller_of(request), None).newest_first(), way)
    ending, kind = way.together
    return sent(request, pieces, name=f"atrium-chats-{clock.now():%Y-%m-%d}.{ending}", kind=kind)


def way_named(form: str) -> Form | None:
    return FORMS.get(form)


def sent(
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
