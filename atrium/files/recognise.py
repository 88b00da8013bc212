"""What bytes are, whatever their name says: by their first and last marks, and whole if text."""

import codecs
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from atrium.files.kinds import WORDS, Nature
from atrium.kit.limits import LIMITS

_HEAD, _TAIL = 4096, 66_000  # a ZIP's last record is within 65,557 bytes of its end
_PIECE = 1_000_000
_END_OF_ZIP = b"PK\x05\x06"
_DIRECTORY_BYTES = 8_000_000
# Control marks that no text has; tab, newlines, form feed and escape are left out.
_NOT_IN_TEXT = bytes([*range(9), 11, *range(14, 27), *range(28, 32), 127])

_BY_START: tuple[tuple[bytes, Nature], ...] = (
    (b"\x89PNG\r\n\x1a\n", Nature.PNG),
    (b"\xff\xd8\xff", Nature.JPEG),
    (b"GIF87a", Nature.GIF),
    (b"GIF89a", Nature.GIF),
    (b"OggS\x00", Nature.OGG),
    (b"fLaC\x00", Nature.FLAC),
    (b"ID3", Nature.MP3),
    (b"\x1aE\xdf\xa3", Nature.MATROSKA),
)
_PLAYED_BRANDS: tuple[bytes, ...] = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4A ",
)
_PLAYED_BRANDS += (b"M4V ", b"M4B ", b"qt  ", b"dash", b"mmp4", b"3gp4", b"3gp5", b"MSNV", b"f4v ")


def nature_of(path: Path) -> Nature:
    """Return what the content of a file is, ``UNKNOWN`` for whatever we do not take."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        marked = _marked(head, file)
        if marked is not None:
            return marked
        return Nature.TEXT if _is_text(file) else Nature.UNKNOWN


def is_also_something_else(path: Path, nature: Nature) -> bool:
    """Whether a second file hides in the first, behind its end or so that both can be read."""
    with path.open("rb") as file:
        if nature not in _ZIPPED and _ends_as_zip(file):
            return True
        check = _ENDS.get(nature)
        return check is not None and not check(file)


def words_for(path: Path, nature: Nature) -> str:
    """Return what the content is, for a sentence: “a ZIP archive”."""
    if nature is Nature.UNKNOWN:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if head.translate(None, _NOT_IN_TEXT) == head:
            return _("text that is not in UTF-8")
        import puremagic  # noqa: PLC0415 - its table is for naming what we do not take

        try:
            found = puremagic.magic_string(head)
        except (puremagic.PureError, ValueError):
            found = []
        if found and found[0].name and found[0].confidence >= 0.4:
            return _("something else ({name})").format(name=found[0].name[:60])
    return str(WORDS[nature])


def _marked(head: bytes, file: BinaryIO) -> Nature | None:
    if head.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n\t ").startswith(b"%PDF-"):
        return Nature.PDF
    for start, nature in _BY_START:
        if head.startswith(start):
            return nature
    if head[:4] == b"RIFF":
        return {b"WEBP": Nature.WEBP, b"WAVE": Nature.WAV}.get(head[8:12], Nature.UNKNOWN)
    if head[4:8] == b"ftyp":
        return Nature.MP4 if head[8:12] in _PLAYED_BRANDS else Nature.UNKNOWN
    if head[:4] in {b"PK\x03\x04", _END_OF_ZIP}:
        return _zipped(file)
    return _frames(head)


def _frames(head: bytes) -> Nature | None:
    # Frames without a header: the sync bits, then values of layer and rate that exist.
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return Nature.AAC
    is_frame = head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 not in {0, 0xF0} and head[2] & 0x0C != 0x0C
    return Nature.MP3 if is_frame else None


def _zipped(file: BinaryIO) -> Nature:
    end = _end_of_zip(file)
    if end is None or end.directory_bytes > _DIRECTORY_BYTES or not end.is_last:
        return Nature.ZIP if end else Nature.UNKNOWN
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            return _zip_nature(archive, names)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return Nature.ZIP


def _zip_nature(archive: zipfile.ZipFile, names: list[str]) -> Nature:
    if len(names) > LIMITS.archive_members or len(set(names)) != len(names):
        return Nature.ZIP
    if any(name.startswith(("/", "\\")) or ".." in name.split("/") for name in names):
        return Nature.ZIP
    if names and names[0] == "mimetype":
        entry = archive.infolist()[0]
        is_book = entry.compress_type == zipfile.ZIP_STORED and entry.file_size < 100
        if is_book and archive.read(entry).strip() == b"application/epub+zip":
            return Nature.EPUB
    has_macros = any(name.endswith("vbaProject.bin") for name in names)
    if "[Content_Types].xml" in names and not has_macros:
        for main, nature in _OFFICE_PARTS.items():
            if main in names:
                return nature
    return Nature.ZIP


_OFFICE_PARTS = {
    "word/document.xml": Nature.DOCX,
    "ppt/presentation.xml": Nature.PPTX,
    "xl/workbook.xml": Nature.XLSX,
}
_ZIPPED = {Nature.ZIP, Nature.DOCX, Nature.PPTX, Nature.XLSX, Nature.EPUB}


class _ZipEnd:
    def __init__(self, *, directory_bytes: int, is_last: bool) -> None:
        self.directory_bytes = directory_bytes
        self.is_last = is_last


def _end_of_zip(file: BinaryIO) -> _ZipEnd | None:
    """Find a ZIP's last record if a directory really stands where it says."""
    size = file.seek(0, 2)
    start = file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = len(tail)
    while (at := tail.rfind(_END_OF_ZIP, 0, at)) >= 0:
        record = tail[at : at + 22]
        if len(record) < 22:
            continue
        directory_bytes, comment_bytes = struct.unpack("<I", record[12:16])[0], record[20:22]
        directory_at = start + at - directory_bytes
        is_empty = directory_bytes == 0 and record[10:12] == b"\0\0" and start + at == 0
        if is_empty or (directory_bytes and _stands(file, directory_at, b"PK\x01\x02")):
            is_last = at + 22 + struct.unpack("<H", comment_bytes)[0] == len(tail)
            return _ZipEnd(directory_bytes=directory_bytes, is_last=is_last)
    return None


def _ends_as_zip(file: BinaryIO) -> bool:
    return _end_of_zip(file) is not None


def _stands(file: BinaryIO, at: int, mark: bytes) -> bool:
    if at < 0:
        return False
    file.seek(at)
    return file.read(len(mark)) == mark


def _is_text(file: BinaryIO) -> bool:
    file.seek(0)
    start = file.read(4)
    is_wide = start[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    decoder = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8")()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            text = decoder.decode(piece)
            narrow = text.encode() if is_wide else piece
            if narrow.translate(None, _NOT_IN_TEXT) != narrow:
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _png_ends(file: BinaryIO) -> bool:
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", head)
        file.seek(length + 4, 1)
        if name == b"IEND":
            return _is_at_end(file)
    return False


def _gif_ends(file: BinaryIO) -> bool:
    file.seek(10)
    _skip_colours(file, file.read(3)[:1])
    while mark := file.read(1):
        if mark == b";":
            return _is_at_end(file)
        if mark == b"!":
            file.seek(1, 1)
        elif mark == b",":
            file.seek(8, 1)
            _skip_colours(file, file.read(1))
            file.seek(1, 1)
        else:
            return False
        _skip_blocks(file)
    return False


def _skip_colours(file: BinaryIO, packed: bytes) -> None:
    if packed and packed[0] & 0x80:
        file.seek(3 * 2 ** ((packed[0] & 7) + 1), 1)


def _skip_blocks(file: BinaryIO) -> None:
    while (length := file.read(1)) and length != b"\0":
        file.seek(length[0], 1)


def _riff_ends(file: BinaryIO) -> bool:
    file.seek(4)
    said = struct.unpack("<I", file.read(4).ljust(4, b"\0"))[0]
    size = file.seek(0, 2)
    return size in {said + 8, said + 9}  # a byte of padding is common


def _pdf_ends(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    file.seek(max(0, size - 2048))
    return b"%%EOF" in file.read()


def _is_at_end(file: BinaryIO) -> bool:
    return not file.read(_PIECE).strip(b"\0\r\n ")


# A photo from a telephone may go on behind its end (a second lens, a moving part), so a JPEG is
# not held to it: it is never shown but re-encoded.
_ENDS = {
    Nature.PNG: _png_ends,
    Nature.GIF: _gif_ends,
    Nature.WEBP: _riff_ends,
    Nature.PDF: _pdf_ends,
}
