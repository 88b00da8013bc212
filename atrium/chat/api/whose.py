"""Who asks, and which of their chats; and the one router, as nouns share addresses."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from atrium.chat import keeping, queries
from atrium.chat.access import Right
from atrium.chat.actions import NoSuchFolder
from atrium.chat.models import Chat, Folder, Turn
from atrium.kit.errors import NotFound
from atrium.people.caller import Caller

router = Router(tags=["chats"])


def caller_of(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def chat_of(request: HttpRequest, chat_id: UUID, right: Right = Right.VIEW) -> Chat:
    """The chat, for who may do that much in it; 403 for who may only see it."""
    found = queries.chat_seen_by(caller_of(request), chat_id, right)
    if found is None:
        raise NotFound(_("You have no such chat."))
    return found


def answer_of(request: HttpRequest, turn_id: UUID, right: Right = Right.VIEW) -> Turn:
    found = queries.answer_visible_to(caller_of(request), turn_id, right)
    if found is None:
        raise NotFound(_("You have no such answer."))
    return found


def folder_of(request: HttpRequest, folder_id: UUID) -> Folder:
    found = keeping.folder_of(caller_of(request), folder_id)
    if found is None:
        raise NoSuchFolder(_("You have no such folder."))
    return found
