"""What comes along with a message beside its text: pictures, recordings, files.

Bytes come in the call itself. An address is handed on only if it is a public one, and the engine
stands where it reaches nothing that strangers do not.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from atrium.compat.fields import wrong
from atrium.kit.addresses import is_public
from atrium.kit.http import Door, FetchRefused, checked_url
from atrium.kit.limits import LIMITS
from atrium.kit.picture_heads import head_of
from atrium.metering.tokens import PICTURE_TOKENS

_DATA_URL = re.compile(r"data:([a-z]+/[a-z0-9.+-]+);base64,", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}
_CHARACTERS_PER_TOKEN = 50  # of bytes in base64: sparser than any engine reads
_NEARBY = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".intranet", ".corp")


def check_part(place: str, part: dict[str, Any]) -> Iterator[str]:
    """Check one part of a message that is no text; yield the web addresses in it.

    :raises BadCall: for what is no picture, no public address, or too large to be opened
    """
    kind = part["type"]
    if kind == "image_url":
        yield from _picture(f"{place}.image_url", part.get("image_url"))
    elif kind == "file":
        _file(f"{place}.file", part.get("file"))
    elif kind == "input_audio":
        _recording(f"{place}.input_audio", part.get("input_audio"))
    else:
        yield from addresses_in(place, part)


def tokens_of(part: dict[str, Any]) -> int:
    """Return about how many tokens a part that is no text is."""
    if part.get("type") == "image_url":
        return PICTURE_TOKENS
    return max(PICTURE_TOKENS, sum(map(len, _texts(part))) // _CHARACTERS_PER_TOKEN)


def addresses_in(place: str, told: Any) -> Iterator[str]:
    """Yield every address in what we do not know, each of them public.

    :raises BadCall: for one that is not
    """
    for text in _texts(told):
        if _ADDRESS.match(text):
            yield _public(place, text)


def _picture(place: str, told: Any) -> Iterator[str]:
    url = told.get("url") if isinstance(told, dict) else told
    if not isinstance(url, str):
        raise wrong(place, _("A picture is an object with a url."))
    found = _DATA_URL.match(url)
    if found and found[1].lower().startswith("image/"):
        _check_bytes(place, found[1].lower(), url[found.end() :])
    elif _ADDRESS.match(url):
        yield _public(place, url)
    else:
        raise wrong(place, _("A picture is a web address, or a data: address in base64."))


def _check_bytes(place: str, told: str, data: str) -> None:
    head = head_of(_decoded(place, data))
    if head is None:
        raise wrong(place, _("This is no PNG, JPEG, WebP or GIF."))
    if head.mime != _OTHER_NAMES.get(told, told):
        said = _("This says that it is %(told)s, and is %(found)s.")
        raise wrong(place, said % {"told": told, "found": head.mime})
    if not head.pixels:
        raise wrong(place, _("This picture has no pixels."))
    longest = max(head.width, head.height)
    if head.pixels > LIMITS.image_pixels or longest > LIMITS.image_side_pixels:
        said = _("A picture has at most %(most)d pixels here; this one has %(used)d.")
        raise wrong(place, said % {"most": LIMITS.image_pixels, "used": head.pixels})


def _decoded(place: str, data: str) -> bytes:
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise wrong(place, _("This is no base64.")) from None


def _file(place: str, told: Any) -> None:
    if not isinstance(told, dict):
        raise wrong(place, _("This is no object."))
    if told.get("file_id") is not None or not isinstance(told.get("file_data"), str):
        raise wrong(place, _("A file comes along as file_data: a data: address in base64."))
    data: str = told["file_data"]
    found = _DATA_URL.match(data)
    if not found and ":" in data[:200]:
        raise wrong(f"{place}.file_data", _("This is no data: address in base64."))
    _decoded(f"{place}.file_data", data[found.end() :] if found else data)


def _recording(place: str, told: Any) -> None:
    if not isinstance(told, dict) or not isinstance(told.get("data"), str):
        raise wrong(place, _("A recording is an object with data in base64."))
    _decoded(f"{place}.data", told["data"])


def _public(place: str, url: str) -> str:
    try:
        host = checked_url(url, door=Door.PUBLIC).raw_host or ""
    except FetchRefused as refusal:
        raise wrong(place, str(refusal.detail)) from None
    is_literal = ":" in host or host.replace(".", "").isdigit()
    name = host.rstrip(".").lower()
    is_near = "." not in name or name.endswith(_NEARBY)
    if not is_public(host) if is_literal else is_near:
        raise wrong(place, _("This is not a public web address."))
    return url


def _texts(told: Any) -> Iterator[str]:
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
