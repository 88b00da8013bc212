"""Servers that speak OpenAI's protocol: OpenAI itself, and most that run on one's own machine."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from atrium.engines.adapters.asking import broke_off, checked, count_of, opened
from atrium.engines.adapters.event_lines import data_of
from atrium.engines.adapters.openai_body import objects, part_of
from atrium.engines.adapters.relaying import relayed
from atrium.engines.adapters.translating import Translating
from atrium.engines.protocol import Completion, Ended, Piece, Reasoning, Text, ToolCall, Usage
from atrium.kit.http import FetchFailed

_END = b"[DONE]"


class OpenAICompatible(Translating):
    """Asks one model of one provider."""

    async def pieces(self, body: dict[str, Any]) -> AsyncGenerator[Piece]:
        sent = json.dumps(self._streamed(body)).encode()
        is_ended = False
        async with opened(self._url, headers=self._headers(), body=sent) as answering:
            try:
                async with aclosing(data_of(answering.pieces())) as frames:
                    async for data in frames:
                        if data.strip() == _END:
                            break
                        for piece in _pieces(checked(data)):
                            is_ended = is_ended or isinstance(piece, Ended)
                            yield piece
            except FetchFailed as trouble:
                raise broke_off() from trouble
        if not is_ended:
            raise broke_off()

    async def complete(self, body: dict[str, Any]) -> Completion:
        """Hand the body on as it is, under the provider's own name of the model, and back what
        comes, byte for byte.

        :raises EngineTrouble: when the server is not there, or says something about our key
        """
        sent = json.dumps({**body, "model": self.remote_name}).encode()
        return await relayed(self._url, headers=self._headers(), body=sent)

    @property
    def _url(self) -> str:
        return f"{base_of(self.model.provider.url)}/chat/completions"

    def _headers(self) -> dict[str, str]:
        key = self.model.provider.key
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        return {**headers, "Authorization": f"Bearer {key}"} if key else headers

    def _streamed(self, body: dict[str, Any]) -> dict[str, Any]:
        told = {**body, "model": self.remote_name, "stream": True}
        told["stream_options"] = {"include_usage": True}
        # The newer name is the only one that OpenAI's reasoning models take; others know the older.
        if "openai.com" in self._url and "max_tokens" in told:
            told["max_completion_tokens"] = told.pop("max_tokens")
        return told


def base_of(url: str) -> str:
    """Return the address below which the calls lie: an operator may leave out ``/v1``."""
    url = url.rstrip("/")
    return url if url.count("/") > 2 else f"{url}/v1"


def _pieces(frame: dict[str, Any]) -> list[Piece]:
    pieces: list[Piece] = []
    for choice in objects(frame.get("choices"))[:1]:
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str) and thought:
            pieces.append(Reasoning(thought))
        if isinstance(delta.get("content"), str) and delta["content"]:
            pieces.append(Text(delta["content"]))
        if isinstance(delta.get("refusal"), str) and delta["refusal"]:
            pieces.append(Text(delta["refusal"]))
        pieces += [_call(call) for call in objects(delta.get("tool_calls"))]
        if reason := choice.get("finish_reason"):
            pieces.append(Ended(str(reason)))
    used = frame.get("usage")
    if isinstance(used, dict):
        told = count_of(used.get("prompt_tokens")), count_of(used.get("completion_tokens"))
        if told[0] is not None and told[1] is not None:
            pieces.append(Usage(tokens_in=told[0], tokens_out=told[1]))
    return pieces


def _call(told: dict[str, Any]) -> ToolCall:
    function = part_of(told.get("function"))
    number = count_of(told.get("index", 0))
    return ToolCall(
        number or 0,
        str(function.get("arguments") or ""),
        id=str(told.get("id") or ""),
        name=str(function.get("name") or ""),
    )
