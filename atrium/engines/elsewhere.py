"""What providers of OpenAI's protocol do besides answering: vectors, pictures, speech."""

import json
from typing import Any

from django.utils.translation import gettext as _

from atrium.engines.adapters.openai import base_of
from atrium.engines.adapters.relaying import relayed
from atrium.engines.calling import Calling
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import Completion, EngineUnfit


async def hand_on(model: Model, path: str, body: dict[str, Any]) -> Completion:
    """Hand ``body`` on to ``path`` of the model's provider, as an answer would be asked for.

    :raises EngineTrouble: as ``Engine.complete``; when the provider speaks another protocol
    """
    calling: Any = Calling(model, speaker_for=lambda found: _Elsewhere(found, path))  # type: ignore[arg-type,return-value]
    told: Completion = await calling.complete(body)
    return told


class _Elsewhere:
    def __init__(self, model: Model, path: str) -> None:
        self._model, self._path = model, path

    async def complete(self, body: dict[str, Any]) -> Completion:
        provider = self._model.provider
        if provider.kind != Provider.Kind.OPENAI:
            raise EngineUnfit(_("%(model)s cannot do this.") % {"model": self._model.title})
        headers = {"Content-Type": "application/json", "Accept": "*/*"}
        if key := provider.key:
            headers["Authorization"] = f"Bearer {key}"
        named = {**body, "model": self._model.remote_name or self._model.slug}
        url = f"{base_of(provider.url)}/{self._path}"
        return await relayed(url, headers=headers, body=json.dumps(named).encode())
