"""Bytes of an event stream. All are plain messages, so that one handler in the page does."""

import json
from typing import Any

KEEP_ALIVE = b":\n\n"


def retry(milliseconds: int) -> bytes:
    return b"retry: %d\n\n" % milliseconds


def as_json(seq: int, kind: str, payload: str) -> str:
    """Return the JSON of a stored event whose payload is JSON already."""
    return f'{{"seq":{seq},"kind":{json.dumps(kind)},"payload":{payload}}}'


def told(seq: int, kind: str, payload: str) -> bytes:
    """Something stored; its number is the id that the browser gives back when it returns."""
    return f"id: {seq}\ndata: {as_json(seq, kind, payload)}\n\n".encode()


def whisper(kind: str, payload: dict[str, Any]) -> bytes:
    """Something that is not stored, and so has no id."""
    return f"data: {json.dumps({'kind': kind, 'payload': payload})}\n\n".encode()


def ready(seq: int) -> bytes:
    """Everything up to ``seq`` was sent; what follows is new."""
    return told(seq, "ready", "{}")


def reset(seq: int) -> bytes:
    """What was asked after is no longer kept: load the page anew and go on from ``seq``."""
    return told(seq, "reset", "{}")
