"""An answer of ``chat/completions`` written down as ``responses`` has it: whole, or in events."""

import json
from collections.abc import Iterator
from typing import Any

from atrium.engines.adapters.asking import count_of
from atrium.engines.adapters.openai_body import objects, part_of
from atrium.engines.protocol import Usage
from atrium.kit import clock
from atrium.kit.ids import new_id

_ECHOED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": None,
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "user": None,
}


class Written:
    """One response. Feed it the frames of a chat's stream; each method returns events to send."""

    def __init__(self, body: dict[str, Any], request_id: str) -> None:
        echoed = {name: body.get(name, default) for name, default in _ECHOED.items()}
        self._head: dict[str, Any] = {
            **echoed,
            "id": f"resp_{request_id}",
            "object": "response",
            "created_at": int(clock.now().timestamp()),
            "model": body.get("model"),
            "previous_response_id": None,
            "store": False,
            "text": body.get("text") or {"format": {"type": "text"}},
            "truncation": "disabled",
        }
        self._number = -1
        self._output: list[dict[str, Any]] = []
        self._message: dict[str, Any] | None = None
        self._calls: dict[int, dict[str, Any]] = {}
        self._reason = ""

    def begin(self) -> bytes:
        told = self.document("in_progress")
        return self._event("response.created", response=told) + self._event(
            "response.in_progress", response=told
        )

    def add(self, frame: dict[str, Any]) -> bytes:
        """Return the events for one frame."""
        return b"".join(self._added(frame))

    def end(self, usage: Usage) -> bytes:
        """Return the events that end it."""
        events = [self._ended(number, item) for number, item in enumerate(self._output)]
        kind = "incomplete" if self._reason in {"length", "content_filter"} else "completed"
        told = self.document(kind, usage)
        return b"".join(events) + self._event(f"response.{kind}", response=told)

    def whole(self, answer: dict[str, Any], usage: Usage) -> dict[str, Any]:
        """Return the response that says what a whole answer of a chat says."""
        choice = (objects(answer.get("choices")) or [{}])[0]
        for _event in self._added({"choices": [{**choice, "delta": choice.get("message")}]}):
            pass
        is_cut = self._reason in {"length", "content_filter"}
        for item in self._output:
            item["status"] = "completed"
        return self.document("incomplete" if is_cut else "completed", usage)

    def document(self, status: str, usage: Usage | None = None) -> dict[str, Any]:
        why = "max_output_tokens" if self._reason == "length" else self._reason
        return {
            **self._head,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": why} if status == "incomplete" else None,
            "output": self._output,
            "usage": _usage(usage) if usage else None,
        }

    def _added(self, frame: dict[str, Any]) -> Iterator[bytes]:
        for choice in objects(frame.get("choices"))[:1]:
            said = part_of(choice.get("delta"))
            text = said.get("content") or said.get("refusal")
            if isinstance(text, str) and text:
                yield from self._say(text)
            for number, call in enumerate(objects(said.get("tool_calls"))):
                at = count_of(call.get("index"))
                yield from self._call(number if at is None else at, call)
            self._reason = choice.get("finish_reason") or self._reason

    def _say(self, text: str) -> Iterator[bytes]:
        if self._message is None:
            part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            item: dict[str, Any] = {"type": "message", "id": f"msg_{new_id().hex}"}
            self._message = {**item, "role": "assistant", "status": "in_progress", "content": []}
            yield self._open(self._message)
            yield self._event("response.content_part.added", **self._place(), part=dict(part))
            self._message["content"].append(part)
        self._message["content"][0]["text"] += text
        yield self._event("response.output_text.delta", **self._place(), delta=text, logprobs=[])

    def _place(self) -> dict[str, Any]:
        assert self._message is not None
        at = self._output.index(self._message)
        return {"item_id": self._message["id"], "output_index": at, "content_index": 0}

    def _call(self, number: int, call: dict[str, Any]) -> Iterator[bytes]:
        function = part_of(call.get("function"))
        item = self._calls.get(number)
        if item is None:
            item = {
                "type": "function_call",
                "id": f"fc_{new_id().hex}",
                "call_id": str(call.get("id") or f"call_{new_id().hex}"),
                "name": str(function.get("name") or ""),
                "arguments": "",
                "status": "in_progress",
            }
            self._calls[number] = item
            yield self._open(item)
        if piece := function.get("arguments"):
            item["arguments"] += str(piece)
            at = self._output.index(item)
            kind = "response.function_call_arguments.delta"
            yield self._event(kind, item_id=item["id"], output_index=at, delta=piece)

    def _open(self, item: dict[str, Any]) -> bytes:
        self._output.append(item)
        at = len(self._output) - 1
        return self._event("response.output_item.added", output_index=at, item=item)

    def _ended(self, at: int, item: dict[str, Any]) -> bytes:
        item["status"] = "completed"
        events = []
        if item is self._message:
            part = item["content"][0]
            place = self._place()
            told = {"text": part["text"], "logprobs": []}
            events.append(self._event("response.output_text.done", **place, **told))
            events.append(self._event("response.content_part.done", **place, part=part))
        else:
            kind = "response.function_call_arguments.done"
            told = {"name": item["name"], "arguments": item["arguments"]}
            events.append(self._event(kind, item_id=item["id"], output_index=at, **told))
        events.append(self._event("response.output_item.done", output_index=at, item=item))
        return b"".join(events)

    def _event(self, kind: str, **told: Any) -> bytes:
        self._number += 1
        data = json.dumps({"type": kind, "sequence_number": self._number, **told})
        return f"event: {kind}\ndata: {data}\n\n".encode()


def _usage(used: Usage) -> dict[str, Any]:
    return {
        "input_tokens": used.tokens_in,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": used.tokens_out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": used.tokens_in + used.tokens_out,
    }
