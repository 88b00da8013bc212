"""The kinds of file we take: how each ends, what its content is, what can be done with it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Use(StrEnum):
    """What the product can do with a kind."""

    READ = "read"  # text can be got out of it
    SEE = "see"  # a picture of it can be shown
    HEAR = "hear"
    WATCH = "watch"


class Nature(StrEnum):
    """What bytes can be told to be; several kinds may share one."""

    TEXT = "text"
    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    EPUB = "epub"
    ZIP = "zip"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    GIF = "gif"
    MP3 = "mp3"
    WAV = "wav"
    OGG = "ogg"
    FLAC = "flac"
    AAC = "aac"
    MP4 = "mp4"
    MATROSKA = "matroska"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Kind:
    mime: str
    extensions: tuple[str, ...]
    nature: Nature
    uses: frozenset[Use]
    aliases: tuple[str, ...] = ()  # what browsers and programs also call it

    @property
    def is_played(self) -> bool:
        return bool(self.uses & {Use.HEAR, Use.WATCH})


_READ, _SEE = frozenset({Use.READ}), frozenset({Use.SEE})
_HEAR, _WATCH = frozenset({Use.HEAR}), frozenset({Use.HEAR, Use.WATCH})
_OFFICE = "application/vnd.openxmlformats-officedocument."
_CODE = (
    *(".txt", ".text", ".log", ".rst", ".tex", ".ini", ".toml", ".yaml", ".yml"),
    *(".py", ".js", ".ts", ".css", ".c", ".h", ".java", ".go", ".rs", ".sql"),
)

KINDS: tuple[Kind, ...] = (
    Kind("text/plain", _CODE, Nature.TEXT, _READ),
    Kind("text/markdown", (".md", ".markdown"), Nature.TEXT, _READ, ("text/x-markdown",)),
    Kind("text/csv", (".csv", ".tsv"), Nature.TEXT, _READ, ("application/vnd.ms-excel",)),
    Kind("application/x-subrip", (".srt",), Nature.TEXT, _READ, ("text/srt",)),
    Kind("text/vtt", (".vtt",), Nature.TEXT, _READ),
    Kind("text/html", (".html", ".htm"), Nature.TEXT, _READ, ("application/xhtml+xml",)),
    Kind("application/json", (".json",), Nature.TEXT, _READ),
    Kind("application/pdf", (".pdf",), Nature.PDF, _READ, ("application/x-pdf",)),
    Kind(f"{_OFFICE}wordprocessingml.document", (".docx",), Nature.DOCX, _READ),
    Kind(f"{_OFFICE}presentationml.presentation", (".pptx",), Nature.PPTX, _READ),
    Kind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",), Nature.XLSX, _READ),
    Kind("application/epub+zip", (".epub",), Nature.EPUB, _READ),
    Kind("image/png", (".png",), Nature.PNG, _SEE),
    Kind("image/jpeg", (".jpg", ".jpeg"), Nature.JPEG, _SEE, ("image/jpg", "image/pjpeg")),
    Kind("image/webp", (".webp",), Nature.WEBP, _SEE),
    Kind("image/gif", (".gif",), Nature.GIF, _SEE),
    Kind("audio/mpeg", (".mp3",), Nature.MP3, _HEAR, ("audio/mp3",)),
    Kind("audio/wav", (".wav",), Nature.WAV, _HEAR, ("audio/x-wav", "audio/wave")),
    Kind("audio/ogg", (".ogg", ".oga", ".opus"), Nature.OGG, _HEAR, ("application/ogg",)),
    Kind("video/ogg", (".ogv",), Nature.OGG, _WATCH),
    Kind("audio/flac", (".flac",), Nature.FLAC, _HEAR, ("audio/x-flac",)),
    Kind("audio/aac", (".aac",), Nature.AAC, _HEAR),
    Kind("video/mp4", (".mp4", ".m4v"), Nature.MP4, _WATCH, ("video/x-m4v",)),
    Kind("audio/mp4", (".m4a",), Nature.MP4, _HEAR, ("audio/x-m4a",)),
    Kind("video/quicktime", (".mov",), Nature.MP4, _WATCH),
    Kind("video/webm", (".webm",), Nature.MATROSKA, _WATCH),
    Kind("audio/webm", (".weba",), Nature.MATROSKA, _HEAR),
    Kind("video/x-matroska", (".mkv",), Nature.MATROSKA, _WATCH),
)

WORDS: dict[Nature, Promise] = {
    Nature.TEXT: _("text"),
    Nature.PDF: _("a PDF"),
    Nature.DOCX: _("a Word document"),
    Nature.PPTX: _("a presentation"),
    Nature.XLSX: _("a spreadsheet"),
    Nature.EPUB: _("an e-book"),
    Nature.ZIP: _("a ZIP archive"),
    Nature.PNG: _("a PNG image"),
    Nature.JPEG: _("a JPEG image"),
    Nature.WEBP: _("a WebP image"),
    Nature.GIF: _("a GIF image"),
    Nature.MP3: _("an MP3 recording"),
    Nature.WAV: _("a WAV recording"),
    Nature.OGG: _("an Ogg recording"),
    Nature.FLAC: _("a FLAC recording"),
    Nature.AAC: _("an AAC recording"),
    Nature.MP4: _("an MP4 recording"),
    Nature.MATROSKA: _("a WebM recording"),
    Nature.UNKNOWN: _("something we do not know"),
}

_BY_MIME = {mime: kind for kind in KINDS for mime in (kind.mime, *kind.aliases)}
_BY_EXTENSION = {ending: kind for kind in KINDS for ending in kind.extensions}
_EXTENSION = re.compile(r"\.(?=[0-9]*[a-z])[a-z0-9]{1,10}")
# What browsers and systems say when they do not know.
_SAYS_NOTHING = {"", "application/octet-stream", "binary/octet-stream", "application/unknown"}


def kind_of(mime: str) -> Kind | None:
    """Return the kind with that MIME type, whatever parameters follow it."""
    return _BY_MIME.get(mime.partition(";")[0].strip().lower())


def extension_of(name: str) -> str:
    """Return the ending of a name in small letters, or nothing when it has none worth the name."""
    ending = PurePosixPath(name).suffix.lower()
    return ending if _EXTENSION.fullmatch(ending) else ""


def kind_for_extension(ending: str) -> Kind | None:
    return _BY_EXTENSION.get(ending)


def says_nothing(mime: str) -> bool:
    """Whether a declared type tells us nothing."""
    return mime.partition(";")[0].strip().lower() in _SAYS_NOTHING


def first_of(nature: Nature) -> Kind | None:
    """Return the usual kind of that nature, or None where we take none."""
    return next((kind for kind in KINDS if kind.nature is nature), None)


def all_extensions() -> list[str]:
    """Return every ending we take, the best known of each kind first."""
    firsts = [kind.extensions[0] for kind in KINDS]
    return firsts + [end for kind in KINDS for end in kind.extensions[1:]]
