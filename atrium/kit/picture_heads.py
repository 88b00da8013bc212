"""What the first bytes of a picture say of it, without opening it."""

import struct
from collections.abc import Callable
from typing import NamedTuple

_NO_SIZE = {0xD8, 0x01, *range(0xD0, 0xD8)}  # marks of a JPEG that nothing follows
_NO_FRAME = {0xC4, 0xC8, 0xCC}  # among the marks of its frames, those that are none


class PictureHead(NamedTuple):
    mime: str
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def head_of(data: bytes) -> PictureHead | None:
    """Return what these bytes begin: a PNG, JPEG, WebP or GIF; None for anything else."""
    for begins, read in _KINDS:
        if data.startswith(begins):
            try:
                return read(data)
            except (struct.error, IndexError):
                return None
    return None


def _png(data: bytes) -> PictureHead | None:
    if data[12:16] != b"IHDR":
        return None
    return PictureHead("image/png", *struct.unpack_from(">II", data, 16))


def _gif(data: bytes) -> PictureHead | None:
    return PictureHead("image/gif", *struct.unpack_from("<HH", data, 6))


def _webp(data: bytes) -> PictureHead | None:
    if data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        return PictureHead("image/webp", width, 1 + int.from_bytes(data[27:30], "little"))
    if data[12:16] == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return PictureHead("image/webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return PictureHead("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None


def _jpeg(data: bytes) -> PictureHead | None:
    at = 2
    while data[at] == 0xFF:
        mark = data[at + 1]
        if mark == 0xFF:
            at += 1
        elif mark in _NO_SIZE:
            at += 2
        elif 0xC0 <= mark <= 0xCF and mark not in _NO_FRAME:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return PictureHead("image/jpeg", width, height)
        else:
            at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])
    return None


_KINDS: tuple[tuple[bytes, Callable[[bytes], PictureHead | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"RIFF", _webp),
    (b"\xff\xd8\xff", _jpeg),
)
