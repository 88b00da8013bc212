"""How deep a JSON text is nested, told while it arrives and without parsing it."""

import re

_MARK = re.compile(rb'["\[\]{}]')
_CLOSING = re.compile(rb'["\\]')
_OPENERS = frozenset(b"[{")


class DepthGauge:
    """Fed with a text in pieces, it says when that is nested deeper than ``most``."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def bears(self, piece: bytes) -> bool:
        """Whether the text so far, with ``piece`` at its end, is still shallow enough."""
        at = 0
        while at < len(piece):
            at = self._through_string(piece, at) if self._in_string else self._mark(piece, at)
            if self._depth > self._most:
                return False
        return True

    def _mark(self, piece: bytes, at: int) -> int:
        found = _MARK.search(piece, at)
        if not found:
            return len(piece)
        mark = piece[found.start()]
        if mark == ord('"'):
            self._in_string = True
        else:
            self._depth += 1 if mark in _OPENERS else -1
        return found.end()

    def _through_string(self, piece: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        found = _CLOSING.search(piece, at)
        if not found:
            return len(piece)
        self._escaped = piece[found.start()] == ord("\\")
        self._in_string = self._escaped
        return found.end()
