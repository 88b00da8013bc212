from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from atrium.kit import clock
from atrium.people.actions.portraits import keep_portrait, remove_portrait
from atrium.people.api.asking import me_in
from atrium.people.schemas.portrait import PictureOut
from atrium.people.scopes import ACCOUNT, scope
from atrium.web.policy import policy

router = Router()
_PIECE = 65_536
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The picture's bytes, at most 5 MB.",
        "content": {"image/png": _BYTES, "image/jpeg": _BYTES, "image/webp": _BYTES},
    }
}


@router.put(
    "/me/picture",
    response=PictureOut,
    tags=["you"],
    summary="Send your picture",
    openapi_extra=_BODY,
)
@scope(ACCOUNT)
@policy(who="member")
def set_picture(request: HttpRequest) -> PictureOut:
    """A square of 512 pixels is drawn from its middle; nothing else that it holds is kept."""
    person = keep_portrait(person=me_in(request), source=_pieces(request), at=clock.now())
    return PictureOut(picture=person.portrait_url)


@router.delete("/me/picture", response={204: None}, tags=["you"], summary="Remove your picture")
@scope(ACCOUNT)
@policy(who="member")
def drop_picture(request: HttpRequest) -> Status[None]:
    """The first letter of your name stands in its place. Removing it again changes nothing."""
    remove_portrait(person=me_in(request))
    return Status(204, None)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(_PIECE):
        yield piece
