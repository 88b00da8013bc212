from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase

from atrium.chat.pages.whose import caller_of
from atrium.chat.seeing import picture_seen_by
from atrium.files.delivery import deliver
from atrium.files.models import Picture
from atrium.files.parcels import picture_parcel_of
from atrium.web.policy import page


@page("GET", who="anyone")
def picture(request: HttpRequest, turn_id: UUID, number: int) -> HttpResponseBase:
    """A picture of a question, to whoever may see the chat."""
    return _sent(request, turn_id, number, Picture.Use.ASKED)


@page("GET", who="anyone")
def small(request: HttpRequest, turn_id: UUID, number: int) -> HttpResponseBase:
    """The same, small."""
    return _sent(request, turn_id, number, Picture.Use.THUMBNAIL)


def _sent(request: HttpRequest, turn_id: UUID, number: int, use: Picture.Use) -> HttpResponseBase:
    file = picture_seen_by(caller_of(request), turn_id, number)
    if file is None:
        raise Http404
    return deliver(request, picture_parcel_of(file, use))
