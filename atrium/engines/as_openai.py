"""Pieces of an answer written down as OpenAI's ``chat/completions`` has them."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from django.utils.translation import get_language

from atrium.engines.protocol import (
    Completion,
    Ended,
    Message,
    Piece,
    Question,
    Reasoning,
    Source,
    Text,
    ToolCall,
    Usage,
)
from atrium.kit import clock
from atrium.kit.ids import new_id

_DONE = b"data: [DONE]\n\n"


async def completion_of(
    pieces: AsyncIterator[Piece], body: dict[str, Any], *, model: str
) -> Completion:
    """Return the answer that ``pieces`` make, as a stream if ``body`` asks for one.

    :raises EngineTrouble: when the engine fails before its first piece
    """
    first = await anext(pieces, None)
    written = _Written(body, model)
    is_stream = bool(body.get("stream"))
    rest = _from(first, pieces)
    return Completion(
        status=200,
        headers={"content-type": "text/event-stream" if is_stream else "application/json"},
        body=written.frames(rest) if is_stream else written.whole(rest),
        is_stream=is_stream,
        leave=_leaving(pieces),
    )


def question_of(body: dict[str, Any]) -> Question:
    """Return what the last message asks, with the texts before it as sources to quote."""
    said = [(str(one.get("role", "")), text_in(one)) for one in _objects(body.get("messages"))]
    last = next((at for at in reversed(range(len(said))) if said[at][0] == "user"), len(said))
    given = [text for role, text in said[:last] if role != "assistant" and text]
    return Question(
        text=said[last][1] if last < len(said) else "",
        sources=tuple(
            Source(ref=number, title=f"Message {number}", text=text, place_of=lambda _words: "")
            for number, text in enumerate(given, start=1)
        ),
        history=tuple(Message(role, text) for role, text in said[:last] if role == "assistant"),
        language=get_language() or "en",
    )


def text_in(message: dict[str, Any]) -> str:
    """Return the text of a message, whether it is plain or in parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    texts = [part.get("text") for part in _objects(content)]
    return "\n".join(text for text in texts if isinstance(text, str))


def usage_as_openai(used: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": used.tokens_in,
        "completion_tokens": used.tokens_out,
        "total_tokens": used.tokens_in + used.tokens_out,
    }


class _Written:
    """One answer on its way into OpenAI's shape."""

    def __init__(self, body: dict[str, Any], model: str) -> None:
        options = body.get("stream_options")
        self._tells_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        self._head = {
            "id": f"chatcmpl-{new_id().hex}",
            "created": int(clock.now().timestamp()),
            "model": str(body.get("model") or model),
        }
        self._usage: Usage | None = None
        self._ended = ""
        self._calls: dict[int, dict[str, Any]] = {}

    async def frames(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
        yield self._frame({"role": "assistant", "content": ""})
        async for piece in pieces:
            if delta := self._delta(piece):
                yield self._frame(delta)
        yield self._frame({}, finish=self._reason())
        if self._tells_usage:
            told = usage_as_openai(self._usage or Usage(0, 0))
            yield _data({**self._chunk(), "choices": [], "usage": told})
        yield _DONE

    async def whole(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
        text, thought = "", ""
        async for piece in pieces:
            delta = self._delta(piece)
            text += delta.get("content", "")
            thought += delta.get("reasoning_content", "")
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
        if thought:
            message["reasoning_content"] = thought
        if self._calls:
            message["tool_calls"] = list(self._calls.values())
            message["content"] = text or None
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._reason()}
        told = {**self._head, "object": "chat.completion", "choices": [choice]}
        told["usage"] = usage_as_openai(self._usage or Usage(0, 0))
        yield json.dumps(told, ensure_ascii=False).encode()

    def _delta(self, piece: Piece) -> dict[str, Any]:
        match piece:
            case Text(text):
                return {"content": text}
            case Reasoning(text):
                return {"reasoning_content": text}
            case ToolCall():
                return {"tool_calls": [self._call(piece)]}
            case Usage():
                self._usage = piece
            case Ended(reason):
                self._ended = reason
        return {}

    def _call(self, piece: ToolCall) -> dict[str, Any]:
        if known := self._calls.get(piece.number):
            known["function"]["arguments"] += piece.arguments
            return {"index": piece.number, "function": {"arguments": piece.arguments}}
        function = {"name": piece.name, "arguments": piece.arguments}
        told = {"id": piece.id or f"call_{new_id().hex}", "type": "function"}
        self._calls[piece.number] = {**told, "function": dict(function)}
        return {"index": piece.number, **told, "function": function}

    def _reason(self) -> str:
        return self._ended or ("tool_calls" if self._calls else "stop")

    def _chunk(self) -> dict[str, Any]:
        return {**self._head, "object": "chat.completion.chunk"}

    def _frame(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        frame = {**self._chunk(), "choices": [choice]}
        return _data({**frame, "usage": None} if self._tells_usage else frame)


def _data(frame: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(frame, ensure_ascii=False).encode() + b"\n\n"


async def _from(first: Piece | None, pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
    if first is not None:
        yield first
        async for piece in pieces:
            yield piece


def _leaving(pieces: AsyncIterator[Piece]) -> Any:
    async def leave() -> None:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()

    return leave


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
