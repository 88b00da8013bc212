"""Servers that speak OpenAI's protocol: OpenAI itself, and most that run on one's own machine."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from atrium.engines.adapters.asking import broke_off, checked, count_of, opened
from atrium.engines.adapters.event_lines import data_of
from atrium.engines.adapters.quoting import Quoting, with_sources
from atrium.engines.adapters.relaying import relayed
from atrium.engines.models import Model
from atrium.engines.protocol import Completion, Piece, Question, Reasoning, Text, Usage
from atrium.kit.http import FetchFailed

_END = b"[DONE]"


class OpenAICompatible:
    """Asks one model of one provider."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._url = f"{base_of(model.provider.url)}/chat/completions"

    async def answer(self, question: Question) -> AsyncIterator[Piece]:
        """Yield the answer as the server streams it.

        :raises EngineTrouble: when the server is not there, refuses, or breaks off
        """
        body = json.dumps(self._body(question)).encode()
        quoting = Quoting(question)
        is_ended = False
        with override(question.language):
            async with opened(self._url, headers=self._headers(), body=body) as answering:
                try:
                    async for data in data_of(answering.pieces()):
                        if data.strip() == _END:
                            break
                        frame = checked(data)
                        is_ended = is_ended or _is_last(frame)
                        for piece in _pieces(frame):
                            if isinstance(piece, Text):
                                quoting.add(piece.text)
                            yield piece
                except FetchFailed as trouble:
                    raise broke_off() from trouble
            if not is_ended:
                raise broke_off()
            for quote in quoting.quotes():
                yield quote

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Hand the body on as it is, under the provider's own name of the model, and back what
        comes, byte for byte.

        :raises EngineTrouble: when the server is not there, or says something about our key
        """
        named = {**body, "model": self._model.remote_name or self._model.slug}
        return await relayed(self._url, headers=self._headers(), body=json.dumps(named).encode())

    def _headers(self) -> dict[str, str]:
        key = self._model.provider.key
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        return {**headers, "Authorization": f"Bearer {key}"} if key else headers

    def _body(self, question: Question) -> dict[str, Any]:
        # The newer name is the only one that OpenAI's reasoning models take; others know the older.
        is_openai = "openai.com" in self._url
        most = "max_completion_tokens" if is_openai else "max_tokens"
        return {
            "model": self._model.remote_name or self._model.slug,
            "messages": messages_of(question),
            "stream": True,
            "stream_options": {"include_usage": True},
            most: question.most_tokens,
        }


def base_of(url: str) -> str:
    """Return the address below which the calls lie: an operator may leave out ``/v1``."""
    url = url.rstrip("/")
    return url if url.count("/") > 2 else f"{url}/v1"


def messages_of(question: Question) -> list[dict[str, Any]]:
    """Return the conversation as OpenAI has it, with what may be quoted in front."""
    messages: list[dict[str, Any]] = []
    if system := with_sources(question):
        messages.append({"role": "system", "content": system})
    messages += [{"role": said.role, "content": said.text} for said in question.history]
    content: Any = question.text
    if question.pictures:
        content = [{"type": "text", "text": question.text}]
        content += [
            {"type": "image_url", "image_url": {"url": _as_url(picture.mime, picture.data)}}
            for picture in question.pictures
        ]
    return [*messages, {"role": "user", "content": content}]


def _as_url(mime: str, data: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _pieces(frame: dict[str, Any]) -> list[Piece]:
    pieces: list[Piece] = []
    for choice in _list(frame.get("choices"))[:1]:
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str) and thought:
            pieces.append(Reasoning(thought))
        if isinstance(delta.get("content"), str) and delta["content"]:
            pieces.append(Text(delta["content"]))
        if isinstance(delta.get("refusal"), str) and delta["refusal"]:
            pieces.append(Text(delta["refusal"]))
        if choice.get("finish_reason") == "content_filter":
            pieces.append(Text(_("The provider's filter ended this answer.")))
    used = frame.get("usage")
    if isinstance(used, dict):
        told = count_of(used.get("prompt_tokens")), count_of(used.get("completion_tokens"))
        if told[0] is not None and told[1] is not None:
            pieces.append(Usage(tokens_in=told[0], tokens_out=told[1]))
    return pieces


def _is_last(frame: dict[str, Any]) -> bool:
    return any(choice.get("finish_reason") for choice in _list(frame.get("choices")))


def _list(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
