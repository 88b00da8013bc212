"""Who asks, and which of their chats."""

from uuid import UUID

from django.http import Http404, HttpRequest

from atrium.chat import queries
from atrium.chat.models import Chat
from atrium.people.caller import Caller


def caller_of(request: HttpRequest) -> Caller:
    return request.caller  # type: ignore[attr-defined, no-any-return]


def id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def chat_of(request: HttpRequest, chat_id: UUID) -> Chat:
    found = queries.chats_of(caller_of(request)).filter(pk=chat_id).first()
    if found is None:
        raise Http404
    return found
