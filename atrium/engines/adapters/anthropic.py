"""Anthropic's messages, asked and answered through OpenAI's shape."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from atrium.engines.adapters import anthropic_body
from atrium.engines.adapters.asking import broke_off, checked, count_of, opened
from atrium.engines.adapters.event_lines import data_of
from atrium.engines.adapters.openai import base_of
from atrium.engines.adapters.openai_body import part_of
from atrium.engines.adapters.translating import Translating
from atrium.engines.protocol import Ended, Piece, Reasoning, Text, ToolCall, Usage
from atrium.kit.http import FetchFailed

# The version that still takes a temperature.
VERSION = {"anthropic-version": "2023-06-01"}
_ENDS = {
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}


class Anthropic(Translating):
    """Asks one of Anthropic's models, or of a server that speaks as they do."""

    async def pieces(self, body: dict[str, Any]) -> AsyncGenerator[Piece]:
        url = f"{base_of(self.model.provider.url)}/messages"
        asked = anthropic_body.translated(
            body, name=self.remote_name, most_tokens=self.model.most_output_tokens
        )
        headers = {
            **VERSION,
            "content-type": "application/json",
            "x-api-key": self.model.provider.key,
        }
        hearing = _Hearing()
        async with opened(url, headers=headers, body=json.dumps(asked).encode()) as answering:
            try:
                async with aclosing(data_of(answering.pieces())) as frames:
                    async for data in frames:
                        for piece in hearing.pieces_of(checked(data)):
                            yield piece
                        if hearing.is_over:
                            break
            except FetchFailed as trouble:
                raise broke_off() from trouble
        if not hearing.is_ended:
            raise broke_off()
        if usage := hearing.usage():
            yield usage


class _Hearing:
    """One answer as its events tell it."""

    def __init__(self) -> None:
        self.is_ended = False  # it said why
        self.is_over = False  # and that nothing more comes
        self._tokens_in: int | None = None
        self._tokens_out: int | None = None
        self._calls: dict[Any, int] = {}  # the number of each call, by that of its block

    def usage(self) -> Usage | None:
        if self._tokens_in is None or self._tokens_out is None:
            return None
        return Usage(self._tokens_in, self._tokens_out)

    def pieces_of(self, event: dict[str, Any]) -> list[Piece]:
        match event.get("type"):
            case "message_start":
                self._count(part_of(part_of(event.get("message")).get("usage")))
            case "content_block_start":
                return self._block(event.get("index"), part_of(event.get("content_block")))
            case "content_block_delta":
                return self._delta(event.get("index"), part_of(event.get("delta")))
            case "message_delta":
                self._count(part_of(event.get("usage")))
                if reason := part_of(event.get("delta")).get("stop_reason"):
                    self.is_ended = True
                    return [Ended(_ENDS.get(reason, "stop"))]
            case "message_stop":
                self.is_over = True
        return []

    def _block(self, index: Any, block: dict[str, Any]) -> list[Piece]:
        if block.get("type") == "tool_use":
            number = self._calls[index] = len(self._calls)
            return [ToolCall(number, id=str(block.get("id")), name=str(block.get("name")))]
        return _text(Text, block.get("text")) + _text(Reasoning, block.get("thinking"))

    def _delta(self, index: Any, delta: dict[str, Any]) -> list[Piece]:
        arguments = delta.get("partial_json")
        if isinstance(arguments, str) and arguments and index in self._calls:
            return [ToolCall(self._calls[index], arguments)]
        return _text(Text, delta.get("text")) + _text(Reasoning, delta.get("thinking"))

    def _count(self, usage: dict[str, Any]) -> None:
        """The output is told several times, each time the whole of it."""
        fresh = count_of(usage.get("input_tokens"))
        if fresh is not None and self._tokens_in is None:
            kept = ("cache_creation_input_tokens", "cache_read_input_tokens")
            self._tokens_in = fresh + sum(count_of(usage.get(one)) or 0 for one in kept)
        if "output_tokens" in usage:
            self._tokens_out = count_of(usage["output_tokens"])


def _text(kind: type[Text] | type[Reasoning], told: Any) -> list[Piece]:
    return [kind(told)] if isinstance(told, str) and told else []
