"""Listens to an answer in OpenAI's shape while it is handed on: what was said, and what it used."""

import json
from typing import Any

from atrium.engines.adapters.asking import broke_off, checked, count_of
from atrium.engines.adapters.event_lines import LineTooLong
from atrium.engines.protocol import EngineTrouble, Usage
from atrium.kit.limits import LIMITS
from atrium.metering.tokens import count_tokens

_DONE = b"[DONE]"
_SPOKEN = frozenset({"content", "refusal", "reasoning_content", "reasoning"})
_COUNTED_AT_ONCE = 512  # characters


class Said:
    """How much was said so far, in our own count of tokens, without keeping all the words."""

    def __init__(self) -> None:
        self._counted = 0
        self._open: list[str] = []
        self._length = 0

    def add(self, text: str) -> None:
        self._open.append(text)
        self._length += len(text)
        if self._length >= _COUNTED_AT_ONCE:
            text = "".join(self._open)
            whole = len(text) - len(text) % 4
            self._counted += count_tokens(text[:whole])
            self._open, self._length = [text[whole:]], len(text) - whole

    @property
    def tokens(self) -> int:
        return self._counted + count_tokens("".join(self._open))


class Heard:
    """One answer. Feed it what comes; ``take`` returns what of it may go out, and ``written`` says
    that it has. ``trouble`` is what the engine ended with instead of an end."""

    def __init__(self, *, hides_usage: bool = False) -> None:
        self.said = Said()
        self.usage: Usage | None = None
        self.trouble: EngineTrouble | None = None
        self.frames: list[dict[str, Any]] = []
        """What came since ``written``, parsed."""
        self.is_ended = False
        self.ending = b""
        self._hides_usage = hides_usage
        self._rest = b""
        self._unwritten: list[str] = []

    def take(self, piece: bytes) -> bytes:
        """Return the whole events that have come, but the last of the stream: see ``ending``.

        When one is garbage, tells of an error, or has no end, those before it, and ``trouble``.
        """
        self._rest += piece
        cut = max(_after(self._rest, b"\n\n"), _after(self._rest, b"\r\n\r\n"))
        whole, self._rest = self._rest[:cut], self._rest[cut:]
        if len(self._rest) > LIMITS.engine_line_bytes:
            self.trouble = LineTooLong()
        return self._heard(whole) if whole else b""

    def finish(self) -> bytes:
        """Return what came last, without the empty line that some leave out."""
        rest, self._rest = self._rest, b""
        is_more = rest.strip() and not self.ending and not self.trouble
        out = self._heard(rest + b"\n\n") if is_more else b""
        if not self.is_ended and not self.ending:
            self.trouble = self.trouble or broke_off()
        return out

    def written(self) -> None:
        """Count what was taken as said: it has gone out."""
        for text in self._unwritten:
            self.said.add(text)
        self._unwritten.clear()
        self.frames.clear()

    def read_whole(self, body: bytes) -> None:
        """Listen to an answer that is no stream.

        :raises EngineTrouble: when it is garbage
        """
        frame = checked(body)
        self.frames.append(frame)
        for choice in _objects(frame.get("choices")):
            self._add(choice.get("message"))
        self._note_usage(frame)
        self.is_ended = True

    def _heard(self, whole: bytes) -> bytes:
        out = []
        for event in whole.replace(b"\r\n", b"\n").split(b"\n\n"):
            try:
                if self._hear(event):
                    out += [event, b"\n\n"]
            except EngineTrouble as trouble:
                self.trouble = trouble
            if self.trouble or self.ending:  # whatever follows is no part of the answer
                break
        return b"".join(out)

    def _hear(self, event: bytes) -> bool:
        """Take one event in; return whether it goes out."""
        if not event.strip():
            return False
        data = _data_of(event)
        if data == _DONE:
            self.ending = event + b"\n\n"
            return False
        if not data:
            return True  # a comment that keeps the line open
        frame = checked(data)
        self.frames.append(frame)
        choices = _objects(frame.get("choices"))
        for choice in choices:
            self.is_ended = self.is_ended or bool(choice.get("finish_reason"))
            self._add(choice.get("delta"))
        self._note_usage(frame)
        return bool(choices) or not self._hides_usage or not frame.get("usage")

    def _note_usage(self, frame: dict[str, Any]) -> None:
        used = frame.get("usage")
        if isinstance(used, dict):
            told = count_of(used.get("prompt_tokens")), count_of(used.get("completion_tokens"))
            if told[0] is not None and told[1] is not None:
                self.usage = Usage(tokens_in=told[0], tokens_out=told[1])

    def _add(self, said: Any) -> None:
        if not isinstance(said, dict):
            return
        for name, text in said.items():
            if name in _SPOKEN and isinstance(text, str):
                self._unwritten.append(text)
        if said.get("tool_calls"):
            for call in _objects(said["tool_calls"]):
                self._unwritten.append(json.dumps(call.get("function"), ensure_ascii=False))


def _data_of(event: bytes) -> bytes:
    if b"\n" not in event:  # as nearly all are
        return event[5:].strip() if event.startswith(b"data:") else b""
    return b"\n".join(
        line.removeprefix(b"data:").strip()
        for line in event.split(b"\n")
        if line.startswith(b"data:")
    )


def _after(text: bytes, mark: bytes) -> int:
    at = text.rfind(mark)
    return at + len(mark) if at >= 0 else 0


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
