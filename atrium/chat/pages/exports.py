from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from atrium.chat import keeping
from atrium.chat.pages.whose import caller_of, chat_of
from atrium.chat.parcels import all_sent, one_sent
from atrium.web.policy import page


@page("GET", who="anyone")
def one(request: HttpRequest, chat_id: UUID, form: str) -> HttpResponseBase:
    """Send one chat as a file."""
    return one_sent(request, chat_of(request, chat_id), form)


@page("GET", who="somebody")
def every(request: HttpRequest, form: str) -> HttpResponseBase:
    """Send all chats of the caller as one file."""
    chats = keeping.chats_in(caller_of(request), None).newest_first()
    return all_sent(request, chats, form)
