"""A reader of one answer, as a page reads it, whose line is cut wherever a test wants that."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import Any
from urllib.parse import urlsplit


class Reader:
    """Reads along as a page does: from the stream by offset, and what it missed from the row.

    It may go to another process of the same house, at another ``address``, at any time.
    """

    def __init__(self, address: str, cookie: str, turn: str) -> None:
        self.go_to(address)
        self.cookie, self.turn, self.text = {"Cookie": cookie}, turn, ""
        self.doubles = self.gaps = 0
        self.kinds: set[str] = set()

    def go_to(self, address: str) -> None:
        self.host = urlsplit(address).netloc

    def listen(self, cut_after: int, seconds: float) -> None:
        """Take what the stream brings until so many bytes came, then drop the line."""
        with (
            closing(HTTPConnection(self.host, timeout=seconds)) as line,
            suppress(OSError, HTTPException),
        ):
            line.request("GET", "/live", headers=self.cookie)
            for event in _events(line.getresponse(), cut_after, monotonic() + seconds):
                self.kinds.add(event.get("kind", ""))
                if event.get("kind") == "turn.text" and event["payload"]["turn"] == self.turn:
                    self._take(event["payload"]["at"], event["payload"]["text"])

    def catch_up(self, cut_after: int | None = None) -> str:
        """Ask for what is missing; an answer that is cut off is none. Return the state."""
        with closing(HTTPConnection(self.host, timeout=20)) as line:
            path = f"/chat/turns/{self.turn}/text?from={len(self.text)}"
            line.request("GET", path, headers=self.cookie)
            answer = line.getresponse()
            if cut_after is not None:
                answer.read(cut_after)
                return ""
            told = json.loads(answer.read())
            self._take(told["at"], told["text"])
            return str(told["state"])

    def _take(self, at: int, text: str) -> None:
        if at > len(self.text):
            self.gaps += 1  # the page asks for what is missing
            return
        self.doubles += at < len(self.text)
        self.text += text[len(self.text) - at :]


def _events(answer: HTTPResponse, most: int, until: float) -> Iterator[dict[str, Any]]:
    """Yield each event once it is whole, until so many bytes came."""
    seen, rest = 0, b""
    while seen < most and monotonic() < until:
        try:
            piece = answer.read1(min(512, most - seen))
        except (OSError, HTTPException):
            return
        if not piece:
            return
        seen += len(piece)
        *whole, rest = (rest + piece).split(b"\n\n")
        lines = [line for event in whole for line in event.split(b"\n")]
        yield from (json.loads(line[6:]) for line in lines if line.startswith(b"data: "))
