from collections.abc import Iterator
from typing import Annotated, Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query
from ninja.responses import Status

from atrium.chat import actions, imports
from atrium.chat.api.whose import caller_of, router
from atrium.chat.schemas import ImportList, ImportOut
from atrium.files import storage
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from atrium.web.policy import policy
from atrium.web.schemas import errors

Name = Annotated[
    str, Query("chats.json", max_length=LIMITS.name_characters, description="What it is called.")
]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "An export of ChatGPT, Open WebUI, LibreChat or Atrium: JSON, or a zip.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/imports", response=ImportList, summary="List what you brought from other places")
@policy(who="member")
def list_imports(request: HttpRequest) -> ImportList:
    """The latest first."""
    found = imports.latest_of(_me(request))
    return ImportList(items=[ImportOut.of(one) for one in found])


@router.post(
    "/imports",
    response={202: ImportOut, **errors(409)},
    summary="Bring chats from another place",
    openapi_extra=_BODY,
)
@policy(who="member")
def begin_import(request: HttpRequest, name: Name = "chats.json") -> Status[ImportOut]:
    """They are taken in by a job. What is brought twice is here once."""
    made = actions.begin_import(
        person=_me(request), name=name, source=_pieces(request), at=clock.now()
    )
    return Status(202, ImportOut.of(made))


@router.get(
    "/imports/{uuid:import_id}",
    response={200: ImportOut, **errors(404)},
    summary="See how far an import is",
)
@policy(who="member")
def read_import(request: HttpRequest, import_id: UUID) -> ImportOut:
    """Ask again until its `state` is no longer `working`."""
    found = imports.import_of(_me(request), import_id)
    if found is None:
        raise NotFound(_("There is no such import."))
    return ImportOut.of(found)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(storage.PIECE):
        yield piece


def _me(request: HttpRequest) -> User:
    return cast(User, caller_of(request).person)
