"""Who asks, and which of their chats."""

from uuid import UUID

from django.http import Http404, HttpRequest

from atrium.chat import queries
from atrium.chat.access import Right
from atrium.chat.models import Chat, Turn
from atrium.people.caller import Caller


def caller_of(request: HttpRequest) -> Caller:
    return request.caller  # type: ignore[attr-defined, no-any-return]


def id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def chat_of(request: HttpRequest, chat_id: UUID, right: Right = Right.VIEW) -> Chat:
    """The chat, for who may do that much in it; 403 for who may only see it."""
    found = queries.chat_seen_by(caller_of(request), chat_id, right)
    if found is None:
        raise Http404
    return found


def answer_of(request: HttpRequest, turn_id: UUID, right: Right = Right.VIEW) -> Turn:
    found = queries.answer_visible_to(caller_of(request), turn_id, right)
    if found is None:
        raise Http404
    return found
