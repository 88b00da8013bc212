"""Gemini, asked and answered through OpenAI's shape."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from atrium.engines.adapters import gemini_body
from atrium.engines.adapters.asking import broke_off, checked, count_of, opened
from atrium.engines.adapters.event_lines import data_of
from atrium.engines.adapters.openai_body import objects, part_of
from atrium.engines.adapters.translating import Translating
from atrium.engines.protocol import Ended, Piece, Reasoning, Text, ToolCall, Usage
from atrium.kit.http import FetchFailed

_ENDS = {"STOP": "stop", "MAX_TOKENS": "length", "FINISH_REASON_UNSPECIFIED": "stop"}
_FAULTS = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER"}


def base_of(url: str) -> str:
    """Return the address below which the calls lie: an operator may leave out the version."""
    url = url.rstrip("/")
    return url if url.count("/") > 2 else f"{url}/v1beta"


class Gemini(Translating):
    """Asks one of Google's models."""

    async def pieces(self, body: dict[str, Any]) -> AsyncGenerator[Piece]:
        name = quote(self.remote_name.removeprefix("models/"), safe="")
        url = f"{base_of(self.model.provider.url)}/models/{name}:streamGenerateContent?alt=sse"
        headers = {"content-type": "application/json", "x-goog-api-key": self.model.provider.key}
        asked = gemini_body.translated(body, model=self.model, name=self.remote_name)
        hearing = _Hearing()
        async with opened(url, headers=headers, body=json.dumps(asked).encode()) as answering:
            try:
                async with aclosing(data_of(answering.pieces())) as frames:
                    async for data in frames:
                        for piece in hearing.pieces_of(checked(data)):
                            yield piece
            except FetchFailed as trouble:
                raise broke_off() from trouble
        if not hearing.reason:
            raise broke_off()
        yield Ended(hearing.reason)
        if hearing.usage:
            yield hearing.usage


class _Hearing:
    """One answer as its frames tell it: each has the next parts, and all that was used so far."""

    def __init__(self) -> None:
        self.reason = ""
        self.usage: Usage | None = None
        self._calls = 0

    def pieces_of(self, frame: dict[str, Any]) -> list[Piece]:
        self._count(part_of(frame.get("usageMetadata")))
        if part_of(frame.get("promptFeedback")).get("blockReason"):
            self.reason = "content_filter"
        pieces: list[Piece] = []
        for candidate in objects(frame.get("candidates"))[:1]:
            for part in objects(part_of(candidate.get("content")).get("parts")):
                pieces += self._pieces_in(part)
            if reason := candidate.get("finishReason"):
                self._end(str(reason))
        return pieces

    def _pieces_in(self, part: dict[str, Any]) -> list[Piece]:
        text = part.get("text")
        if isinstance(text, str) and text:
            return [Reasoning(text) if part.get("thought") else Text(text)]
        if call := part_of(part.get("functionCall")):
            number, self._calls = self._calls, self._calls + 1
            arguments = json.dumps(call.get("args") or {}, ensure_ascii=False)
            told = str(call.get("id") or "")
            return [ToolCall(number, arguments, id=told, name=str(call.get("name")))]
        return []

    def _end(self, reason: str) -> None:
        if reason in _FAULTS:
            raise broke_off()
        self.reason = _ENDS.get(reason, "content_filter")
        if self._calls and self.reason == "stop":
            self.reason = "tool_calls"

    def _count(self, told: dict[str, Any]) -> None:
        tokens_in = count_of(told.get("promptTokenCount"))
        written = count_of(told.get("candidatesTokenCount", 0))
        thought = count_of(told.get("thoughtsTokenCount", 0))
        if tokens_in is None:
            return
        is_known = written is not None and thought is not None
        self.usage = Usage(tokens_in, (written or 0) + (thought or 0)) if is_known else None
