"""Speech that a provider of OpenAI's protocol writes down."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from atrium.engines.adapters.openai import base_of
from atrium.engines.adapters.relaying import relayed
from atrium.engines.calling import Calling
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import Completion, EngineUnfit
from atrium.kit.ids import new_id

_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\]')


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording: the file that holds its bytes, and how it is called."""

    name: str
    mime: str
    path: Path


Fields = Mapping[str, str | Sequence[str]]
"""Of a form, by their names; one may stand there several times."""


async def transcribe(
    model: Model, sound: Sound, fields: Fields, *, path: str = "audio/transcriptions"
) -> Completion:
    """Have the provider write ``sound`` down; ``fields`` are OpenAI's, whatever model they name.

    :raises EngineTrouble: as ``Engine.complete``; when the provider speaks another protocol
    """
    told = dict(fields)
    calling: Any = Calling(model, speaker_for=lambda found: _Listening(found, sound, path))  # type: ignore[arg-type,return-value]
    completion: Completion = await calling.complete(told)
    return completion


class _Listening:
    def __init__(self, model: Model, sound: Sound, path: str) -> None:
        self._model, self._sound, self._path = model, sound, path

    async def complete(self, fields: Fields) -> Completion:
        provider = self._model.provider
        if provider.kind != Provider.Kind.OPENAI:
            raise EngineUnfit(_("%(model)s cannot do this.") % {"model": self._model.title})
        boundary = new_id().hex
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "*/*"}
        if key := provider.key:
            headers["Authorization"] = f"Bearer {key}"
        named = {**fields, "model": self._model.remote_name or self._model.slug}
        url = f"{base_of(provider.url)}/{self._path}"
        # On the disk, since many long ones may be under way at once.
        with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            form = Path(folder) / "form"
            await asyncio.to_thread(_write_form, form, named, self._sound, boundary)
            return await relayed(url, headers=headers, body=form)


def _write_form(path: Path, fields: Fields, sound: Sound, boundary: str) -> None:
    with path.open("wb") as form, sound.path.open("rb") as data:
        for name, told in fields.items():
            for text in [told] if isinstance(told, str) else told:
                form.write(_head(boundary, f'name="{_safe(name)}"') + text.encode() + b"\r\n")
        mime = _safe(sound.mime) or "application/octet-stream"
        about = f'name="file"; filename="{_safe(sound.name)}"\r\nContent-Type: {mime}'
        form.write(_head(boundary, about))
        copyfileobj(data, form)
        form.write(f"\r\n--{boundary}--\r\n".encode())


def _head(boundary: str, about: str) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode()


def _safe(text: str) -> str:
    """Return what may stand in the head of a part: nothing that ends it."""
    return _UNSAFE.sub("_", text)[:200]
