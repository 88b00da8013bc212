from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from atrium.chat import keeping
from atrium.chat.api.whose import caller_of, chat_of, router
from atrium.chat.parcels import all_sent, one_sent
from atrium.web.policy import policy
from atrium.web.schemas import errors

Form = Literal["markdown", "html", "json"]


_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}, "example": "# Leaves"}


def _file(*kinds: str) -> dict[str, Any]:
    told = dict.fromkeys(kinds, _BYTES)
    return {"responses": {200: {"description": "A file.", "content": told}}}


@router.get(
    "/export/{form}",
    response={200: None, **errors(404)},
    summary="Take all your chats along",
    openapi_extra=_file("application/zip", "application/jsonl"),
)
@policy(who="somebody")
def export_chats(request: HttpRequest, form: Form) -> HttpResponseBase:
    """A zip with a file for each; of JSON, one object on each line, with every branch."""
    chats = keeping.chats_in(caller_of(request), None).newest_first()
    return all_sent(request, chats, form)


@router.get(
    "/{uuid:chat_id}/export/{form}",
    response={200: None, **errors(404)},
    summary="Take a chat along",
    openapi_extra=_file("text/markdown", "text/html", "application/json"),
)
@policy(who="somebody")
def export_chat(request: HttpRequest, chat_id: UUID, form: Form) -> HttpResponseBase:
    """The branch that is shown; JSON has every branch, and can be brought back here."""
    return one_sent(request, chat_of(request, chat_id), form)
