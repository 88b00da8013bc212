import json
from pathlib import Path
from typing import Any

from atrium.chat.readers.shapes import chat_of
from atrium.chat.readers.values import values_of
from atrium.kit.child_main import Unreadable, progress
from atrium.kit.limits import LIMITS


def read(argument: dict[str, Any]) -> dict[str, Any]:
    """Write each chat of the file at ``path`` as a line to ``out``; return how many of what.

    :raises Unreadable: with ``not_json``, ``too_deep``, ``too_much``, ``unknown`` or ``empty``
    """
    chats = turns = others = 0
    sources = set[str]()
    with Path(argument["out"]).open("w", encoding="utf-8") as out:
        for value in values_of(argument["path"]):
            chat = chat_of(value)
            if chat is None:
                others += 1
                continue
            if not chat["turns"]:
                continue
            chats, turns = chats + 1, turns + len(chat["turns"])
            if chats > LIMITS.imported_chats or turns > LIMITS.imported_turns:
                raise Unreadable("too_much")
            sources.add(chat["source"])
            out.write(json.dumps(chat) + "\n")
            progress(0, 0, "")
    if not chats:
        raise Unreadable("unknown" if others else "empty")
    return {"chats": chats, "turns": turns, "sources": sorted(sources)}
