from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from atrium.files.delivery import deliver
from atrium.files.links import check_signature
from atrium.files.models import File, Picture
from atrium.files.parcels import parcel_of, picture_parcel_of
from atrium.files.queries import NoSuchFile, file_of
from atrium.kit import clock
from atrium.web.policy import page


@page("GET", who="anyone")
def content(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Send a file to whoever may see it."""
    return deliver(request, parcel_of(_asked_for(request, file_id)))


@page("GET", who="anyone")
def signed(request: HttpRequest, file_id: UUID, name: str) -> HttpResponseBase:
    """Send a file to whoever holds a signed address; the name in it is only for showing."""
    return deliver(request, parcel_of(_asked_for(request, file_id)))


@page("GET", who="anyone")
def picture(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Send the re-encoded picture of an image."""
    return _send_picture(request, file_id, Picture.Use.WHOLE)


@page("GET", who="anyone")
def thumbnail(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Send the small re-encoded picture of an image."""
    return _send_picture(request, file_id, Picture.Use.THUMBNAIL)


def _send_picture(request: HttpRequest, file_id: UUID, use: Picture.Use) -> HttpResponseBase:
    file = _asked_for(request, file_id)
    return deliver(request, picture_parcel_of(file, use))


def _asked_for(request: HttpRequest, file_id: UUID) -> File:
    if "sig" not in request.GET:
        return file_of(request.caller, file_id)  # type: ignore[attr-defined]
    check_signature(file_id, request.GET["sig"], at=clock.now())
    # The signature is the permission; visible_to has no say over an address given away.
    found: File | None = File.objects.kept().filter(pk=file_id).first()
    if found is None:
        raise NoSuchFile(_("There is no such file."))
    return found
