"""Speech that a provider of OpenAI's protocol writes down."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    """A recording as its bytes."""

    name: str
    mime: str
    data: bytes


async def transcribe(model: Model, sound: Sound, fields: Mapping[str, str]) -> Completion:
    """Have the provider write ``sound`` down; ``fields`` are OpenAI's, whatever model they name.

    :raises EngineTrouble: as ``Engine.complete``; when the provider speaks another protocol
    """
    told = dict(fields)
    calling: Any = Calling(model, speaker_for=lambda found: _Listening(found, sound))  # type: ignore[arg-type,return-value]
    completion: Completion = await calling.complete(told)
    return completion


class _Listening:
    def __init__(self, model: Model, sound: Sound) -> None:
        self._model, self._sound = model, sound

    async def complete(self, fields: dict[str, str]) -> Completion:
        provider = self._model.provider
        if provider.kind != Provider.Kind.OPENAI:
            raise EngineUnfit(_("%(model)s cannot do this.") % {"model": self._model.title})
        boundary = new_id().hex
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "*/*"}
        if key := provider.key:
            headers["Authorization"] = f"Bearer {key}"
        named = {**fields, "model": self._model.remote_name or self._model.slug}
        body = _form(named, self._sound, boundary)
        return await relayed(
            f"{base_of(provider.url)}/audio/transcriptions", headers=headers, body=body
        )


def _form(fields: Mapping[str, str], sound: Sound, boundary: str) -> bytes:
    parts = [
        _part(boundary, f'name="{_safe(name)}"', text.encode()) for name, text in fields.items()
    ]
    mime = _safe(sound.mime) or "application/octet-stream"
    about = f'name="file"; filename="{_safe(sound.name)}"\r\nContent-Type: {mime}'
    return b"".join([*parts, _part(boundary, about, sound.data), f"--{boundary}--\r\n".encode()])


def _part(boundary: str, about: str, data: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n"
    return head.encode() + data + b"\r\n"


def _safe(text: str) -> str:
    """Return what may stand in the head of a part: nothing that ends it."""
    return _UNSAFE.sub("_", text)[:200]
