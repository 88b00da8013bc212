"""How deep a JSON text is nested, told while it arrives and without parsing it."""

import re
from itertools import accumulate

# All possessive: one pass, whatever was sent. The whole is what stands before an unended string.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_WHOLE = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = dict.fromkeys(b"[{", 1) | dict.fromkeys(b"]}", -1)


class DepthGauge:
    """Fed with a text in pieces, it says when that is nested deeper than ``most``.

    It runs on the event loop for every body that says it is JSON, so the bytes are walked by C.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def bears(self, piece: bytes) -> bool:
        """Whether the text so far, with ``piece`` at its end, is still shallow enough."""
        bare = self._without_strings(piece)
        if bare.count(b"[") + bare.count(b"{") + self._depth <= self._most:
            self._depth += sum(map(_STEP.__getitem__, bare))
            return True
        steps = accumulate(map(_STEP.__getitem__, bare), initial=self._depth)
        depths = list(steps)
        self._depth = depths[-1]
        return max(depths) <= self._most

    def _without_strings(self, piece: bytes) -> bytes:
        """Return the brackets that stand outside strings, and note how ``piece`` ends."""
        if self._in_string:
            piece = self._after_string(piece)
        whole = _WHOLE.match(piece)
        end = whole.end() if whole else 0
        if end < len(piece):
            self._in_string = True
            self._escaped = _ends_escaped(piece[end + 1 :])
        return _STRING.sub(b"", piece[:end]).translate(None, delete=_NO_BRACKETS)

    def _after_string(self, piece: bytes) -> bytes:
        start = 1 if self._escaped and piece else 0
        ending = _REST_OF_STRING.match(piece, start)
        if ending:
            self._in_string = self._escaped = False
            return piece[ending.end() :]
        if piece:
            self._escaped = _ends_escaped(piece[start:])
        return b""


def _ends_escaped(inside: bytes) -> bool:
    return (len(inside) - len(inside.rstrip(b"\\"))) % 2 == 1
