"""A recording that comes in a form: kept on the disk while the call lasts, known, and measured."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _

from atrium.compat.errors import BadCall
from atrium.compat.exchange import Exchange
from atrium.compat.fields import wrong
from atrium.engines.transcribing import Sound
from atrium.files.kinds import Kind, Use, first_of
from atrium.files.recognise import nature_of
from atrium.kit import child
from atrium.kit.limits import LIMITS, MB
from atrium.kit.text import BadName, clean_name

_MEMORY, _SECONDS = 256 * MB, 20
_FORMS = ("json", "text", "srt", "verbose_json", "vtt")
_STRETCHES = frozenset({"word", "segment"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a form asks: of which model, with which fields, and how long the recording is."""

    sound: Sound
    seconds: int
    fields: dict[str, str | list[str]]

    @property
    def model(self) -> str:
        return str(self.fields["model"])

    @property
    def prompt(self) -> str:
        return str(self.fields.get("prompt", ""))


@asynccontextmanager
async def recorded(exchange: Exchange) -> AsyncIterator[Recorded]:
    """Give what the form of this call asks; its files are gone afterwards.

    :raises BadCall: with the place in ``fields``
    """
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        sent = Path(folder) / "sent"
        with sent.open("wb") as file:
            async for piece in exchange.pieces():
                file.write(piece)
        kind = exchange.header(b"content-type")
        # Beside the few threads that the database has: looking at a recording takes its time.
        yield await asyncio.to_thread(_read, sent, kind, Path(folder))


def _read(sent: Path, content_type: str, folder: Path) -> Recorded:
    fields, files = _form(sent, content_type)
    uploads = [one for name in files for one in files.getlist(name)]
    try:
        if len(uploads) != 1 or "file" not in files:
            raise wrong("file", _("Send one recording as “file”."))
        if uploads[0].size > LIMITS.sound_bytes:
            said = _("A recording has at most %(most)d MB here.")
            raise wrong("file", said % {"most": LIMITS.sound_bytes // MB})
        path = folder / "recording"
        Path(uploads[0].temporary_file_path()).rename(path)
        name = uploads[0].name
    finally:
        for one in uploads:
            one.close()
    kind = _kind_of(path)
    sound = Sound(_name_of(name, kind), kind.mime, path)
    return Recorded(sound, _seconds_of(path, kind), _checked(_fields(fields)))


def _form(sent: Path, content_type: str) -> tuple[Any, Any]:
    if not content_type.startswith("multipart/form-data"):
        raise BadCall(_("Send a form (multipart/form-data) with the recording in it."))
    told = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(sent.stat().st_size)}
    try:
        with sent.open("rb") as body:
            handlers = [TemporaryFileUploadHandler()]
            return MultiPartParser(told, body, handlers).parse()
    except (MultiPartParserError, SuspiciousOperation, UnicodeError):
        raise BadCall(_("This form cannot be read.")) from None


def _kind_of(path: Path) -> Kind:
    kind = first_of(nature_of(path))
    if kind is None or Use.HEAR not in kind.uses:
        said = _("This is no recording: MP3, M4A, MP4, WAV, FLAC, Ogg or WebM.")
        raise wrong("file", said)
    return kind


def _name_of(name: str, kind: Kind) -> str:
    """Return a name that says what it is: engines look at how it ends."""
    try:
        stem = clean_name(name).rpartition(".")[0] or "recording"
    except BadName:
        stem = "recording"
    return stem[:100] + kind.extensions[0]


def _seconds_of(path: Path, kind: Kind) -> int:
    argument = {"path": str(path), "nature": kind.nature.value}
    bounds: Any = {"memory_bytes": _MEMORY, "cpu_seconds": _SECONDS, "wall_seconds": _SECONDS}
    try:
        found = child.run("atrium.kit.sound_lengths:measure", argument, **bounds)["seconds"]
    except (child.ChildLimit, child.ChildDied):
        found = None
    if found is None:
        raise wrong("file", _("How long this recording is cannot be told; it may be damaged."))
    seconds = int(-(-found // 1))
    if seconds > LIMITS.sound_seconds:
        said = _("A recording has at most %(most)d hours here.")
        raise wrong("file", said % {"most": LIMITS.sound_seconds // 3_600})
    return seconds


def _fields(form: Any) -> dict[str, str | list[str]]:
    fields: dict[str, str | list[str]] = {}
    for name, texts in form.lists():
        if any("\0" in text for text in texts):
            raise wrong(name[:80], _("This is no text."))
        if len(texts) > 1 and not name.endswith("[]"):
            raise wrong(name[:80], _("This stands there twice."))
        fields[name] = list(texts) if name.endswith("[]") else texts[0]
    return fields


def _checked(fields: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
    if not fields.get("model"):
        raise wrong("model", _("Name a model; GET /v1/models lists them."))
    if fields.get("response_format", "json") not in _FORMS:
        raise wrong("response_format", _("This is one of: %s.") % ", ".join(_FORMS))
    if str(fields.get("stream", "false")).lower() != "false":
        raise wrong("stream", _("What is said in a recording comes whole here."))
    if not set(fields.get("timestamp_granularities[]", ())) <= _STRETCHES:
        ways = ", ".join(sorted(_STRETCHES))
        raise wrong("timestamp_granularities", _("This is one of: %s.") % ways)
    _check_temperature(fields.get("temperature", "0"))
    return fields


def _check_temperature(told: str | list[str]) -> None:
    try:
        is_right = 0 <= float(str(told)) <= 1
    except ValueError:
        is_right = False
    if not is_right:
        raise wrong(
            "temperature",
            _("This is no number from %(least)g to %(most)g.") % {"least": 0, "most": 1},
        )
