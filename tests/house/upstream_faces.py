"""What the loopback engine says in each of the protocols that engines speak."""

import json
from collections.abc import Iterator
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.house.upstream import Asked, Does


def is_streamed(asked: "Asked") -> bool:
    return bool(asked.body.get("stream")) or asked.path.endswith(":streamGenerateContent")


def models_as(headers: dict[str, str], names: list[str]) -> dict[str, Any]:
    if "x-goog-api-key" in headers:
        return {"models": [{"name": f"models/{name}"} for name in names]}
    return {"data": [{"id": name} for name in names]}


def error_as(path: str, does: "Does") -> Any:
    said = does.says or "No."
    if path.endswith("/messages"):
        return {"type": "error", "error": {"type": "x", "message": said}}
    if path.endswith(":streamGenerateContent"):
        return [{"error": {"code": does.status, "message": said, "status": "X"}}]
    return {"error": {"message": said, "type": "x"}}


def written_down(form: str) -> dict[str, Any] | str:
    """Return what it heard in a recording, in the form that is asked for."""
    text = "Leaves are green."
    if 'name="response_format"\r\n\r\nsrt' in form:
        return f"1\n00:00:00,000 --> 00:00:02,000\n{text}\n"
    if 'name="response_format"\r\n\r\nvtt' in form:
        return f"WEBVTT\n\n00:00.000 --> 00:02.000\n{text}\n"
    if 'name="response_format"\r\n\r\ntext' in form:
        return f"{text}\n"
    if 'name="response_format"\r\n\r\nverbose_json' in form:
        piece = {"id": 0, "seek": 0, "start": 0.0, "end": 2.0, "text": text, "tokens": []}
        piece |= {"temperature": 0.0, "avg_logprob": 0.0}
        piece |= {"compression_ratio": 1.0, "no_speech_prob": 0.0}
        whole = {"task": "transcribe", "language": "en", "duration": 2.0, "text": text}
        return {**whole, "segments": [piece]}
    used = {"type": "tokens", "input_tokens": 30, "output_tokens": 4, "total_tokens": 34}
    return {"text": text, "usage": used}


def pieces_of(asked: "Asked", does: "Does") -> Iterator[bytes]:
    """Yield the pieces of a stream, well or as it was told to go wrong."""
    if does.raw is not None:
        yield from chain(does.raw, repeat(does.forever) if does.forever else ())
        return
    face = _OpenAI(asked)
    if asked.path.endswith("/messages"):
        face = _Anthropic(asked)
    elif asked.path.endswith(":streamGenerateContent"):
        face = _Gemini(asked)
    yield from face.begin(does)
    for number, word in enumerate(does.words):
        if number == does.cut_after:
            return
        if number == does.error_after:
            yield face.error()
            return
        yield face.word(f"{word} ")
    for number, (name, arguments) in enumerate(does.calls):
        yield from face.call(number, name, arguments)
    if not does.without_end:
        yield from face.end(does)


class _OpenAI:
    def __init__(self, asked: "Asked") -> None:
        self.asked = asked

    def begin(self, does: "Does") -> Iterator[bytes]:
        yield self._frame({"role": "assistant", "content": ""})
        if does.thinks:
            yield self._frame({"reasoning_content": does.thinks})

    def word(self, text: str) -> bytes:
        return self._frame({"content": text})

    def error(self) -> bytes:
        return b'data: {"error": {"message": "overloaded"}}\n\n'

    def call(self, number: int, name: str, arguments: str) -> Iterator[bytes]:
        first = {"id": f"call_{number}", "type": "function"}
        function = {"name": name, "arguments": ""}
        yield self._frame({"tool_calls": [{"index": number, **first, "function": function}]})
        middle = len(arguments) // 2
        for part in (arguments[:middle], arguments[middle:]):
            yield self._frame({"tool_calls": [{"index": number, "function": {"arguments": part}}]})

    def end(self, does: "Does") -> Iterator[bytes]:
        yield self._frame({}, finish="tool_calls" if does.calls else "stop")
        options = self.asked.body.get("stream_options") or {}
        if does.usage is not None and options.get("include_usage"):
            yield _data({"choices": [], "usage": does.usage})
        yield b"data: [DONE]\n\n"

    def _frame(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _data(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": self.asked.body.get("model"),
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            }
        )


class _Anthropic(_OpenAI):
    """Its blocks have numbers: what it thinks, the text, then each call."""

    def begin(self, does: "Does") -> Iterator[bytes]:
        used = _part(does.usage, {"input_tokens": "prompt_tokens"})
        message = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
        yield _event("message_start", message={**message, "usage": {**used, "output_tokens": 1}})
        if does.thinks:
            yield _event("content_block_start", index=0, content_block={"type": "thinking"})
            delta = {"type": "thinking_delta", "thinking": does.thinks}
            yield _event("content_block_delta", index=0, delta=delta)
            yield _event("content_block_stop", index=0)
        yield _event("content_block_start", index=1, content_block={"type": "text", "text": ""})
        yield _event("ping")

    def word(self, text: str) -> bytes:
        return _event("content_block_delta", index=1, delta={"type": "text_delta", "text": text})

    def error(self) -> bytes:
        return _event("error", error={"type": "overloaded_error", "message": "overloaded"})

    def call(self, number: int, name: str, arguments: str) -> Iterator[bytes]:
        index = number + 2
        block = {"type": "tool_use", "id": f"call_{number}", "name": name, "input": {}}
        yield _event("content_block_start", index=index, content_block=block)
        middle = len(arguments) // 2
        for part in ("", arguments[:middle], arguments[middle:]):
            delta = {"type": "input_json_delta", "partial_json": part}
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)

    def end(self, does: "Does") -> Iterator[bytes]:
        yield _event("content_block_stop", index=1)
        used = _part(does.usage, {"output_tokens": "completion_tokens"})
        reason = "tool_use" if does.calls else "end_turn"
        yield _event("message_delta", delta={"stop_reason": reason}, usage=used)
        yield _event("message_stop")


class _Gemini(_OpenAI):
    def begin(self, does: "Does") -> Iterator[bytes]:
        if does.thinks:
            yield self._parts({"text": does.thinks, "thought": True})

    def word(self, text: str) -> bytes:
        return self._parts({"text": text})

    def error(self) -> bytes:
        return _data([{"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}])

    def call(self, number: int, name: str, arguments: str) -> Iterator[bytes]:
        yield self._parts({"functionCall": {"name": name, "args": json.loads(arguments)}})

    def end(self, does: "Does") -> Iterator[bytes]:
        names = {"promptTokenCount": "prompt_tokens", "candidatesTokenCount": "completion_tokens"}
        frame: dict[str, Any] = {"candidates": [{"finishReason": "STOP", "index": 0}]}
        yield _data({**frame, "usageMetadata": _part(does.usage, names)})

    def _parts(self, *parts: dict[str, Any]) -> bytes:
        return _data({"candidates": [{"content": {"role": "model", "parts": list(parts)}}]})


def whole(asked: "Asked", does: "Does") -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": " ".join(does.words)}
    if does.calls:
        message["tool_calls"] = [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for number, (name, arguments) in enumerate(does.calls)
        ]
    reason = "tool_calls" if does.calls else "stop"
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": asked.body.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": does.usage,
    }


def _part(usage: Any, names: dict[str, str]) -> dict[str, Any]:
    """Return what a usage says, under the names of another protocol."""
    if not isinstance(usage, dict):
        return {}
    return {theirs: usage[ours] for theirs, ours in names.items() if ours in usage}


def _event(kind: str, **told: Any) -> bytes:
    return f"event: {kind}\n".encode() + _data({"type": kind, **told})


def _data(frame: Any) -> bytes:
    return f"data: {json.dumps(frame)}\n\n".encode()
