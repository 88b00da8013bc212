"""Addresses that open one file for whoever holds them, for ten minutes at most."""

from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from atrium.files.models import File
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import BadSignature, sign, verify

_PURPOSE = "files.content"


def signed_address(
    file: File, *, seconds: int = LIMITS.signed_address_seconds, at: datetime
) -> str:
    """Return a full address that opens ``file`` without asking who comes."""
    seconds = min(seconds, LIMITS.signed_address_seconds)
    signed = sign(str(file.pk), purpose=_PURPOSE, expires=at + timedelta(seconds=seconds))
    # A name without an ending might be one of our own words below a file's address.
    name = file.name if "." in file.name else f"file-{file.name}"
    return f"{settings.PUBLIC_ADDRESS}/files/{file.pk}/{quote(name, safe='')}?sig={signed}"


def check_signature(file_id: UUID, signed: str, *, at: datetime) -> None:
    """:raises BadSignature: when the address is not one we made for this file, or too old"""
    if verify(signed, purpose=_PURPOSE, at=at) != str(file_id):
        raise BadSignature(_("This address is not one we made, or it was changed."))
