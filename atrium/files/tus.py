"""The words of the tus protocol: what its headers say."""

import base64
import binascii
from dataclasses import dataclass

from django.utils.translation import gettext as _

from atrium.files.actions import Checksum
from atrium.kit.errors import Refusal

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256")
PIECE_KIND = "application/offset+octet-stream"


class BadHeader(Refusal):
    code = "bad_header"


class OtherVersion(Refusal):
    status = 412
    code = "other_version"


@dataclass(frozen=True, slots=True)
class Described:
    """What the client says of the file it is about to send."""

    name: str
    kind: str


def number(text: str, header: str) -> int:
    """:raises BadHeader: when it is no whole number of bytes"""
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise BadHeader(_("{header} must be a number of bytes.").format(header=header))
    return int(text)


def described(metadata: str) -> Described:
    """Read Upload-Metadata: names and base64 values, with commas between.

    :raises BadHeader: when it cannot be read
    """
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in metadata.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BadHeader(_("Upload-Metadata cannot be read.")) from None
    name = found.get("filename") or found.get("name") or ""
    return Described(name=name, kind=found.get("filetype") or found.get("type") or "")


def checksum(header: str) -> Checksum | None:
    """Read Upload-Checksum.

    :raises BadHeader: when it is none that we can count
    """
    if not header:
        return None
    algorithm, _space, digest = header.partition(" ")
    try:
        found = base64.b64decode(digest.strip(), validate=True)
    except binascii.Error:
        found = b""
    if algorithm not in ALGORITHMS or not found:
        raise BadHeader(_("Upload-Checksum must be by sha1 or sha256, in base64."))
    return Checksum(algorithm, found)
