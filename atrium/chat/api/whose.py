"""Who asks, and which of their chats; and the one router, as nouns share addresses."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from atrium.chat import keeping, queries
from atrium.chat.actions import NoSuchFolder
from atrium.chat.models import Chat, Folder
from atrium.kit.errors import NotFound
from atrium.people.caller import Caller

router = Router(tags=["chats"])


def caller_of(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def chat_of(request: HttpRequest, chat_id: UUID) -> Chat:
    found = queries.chats_of(caller_of(request)).filter(pk=chat_id).first()
    if found is None:
        raise NotFound(_("You have no such chat."))
    return found


def folder_of(request: HttpRequest, folder_id: UUID) -> Folder:
    found = keeping.folder_of(caller_of(request), folder_id)
    if found is None:
        raise NoSuchFolder(_("You have no such folder."))
    return found
