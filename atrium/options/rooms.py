"""Rooms that the operator may close."""

from atrium.options.queries import value
from atrium.options.registry import switchable
from atrium.web import shell


def is_open(key: str) -> bool:
    """Whether the room of this key is open; what is not a room is never closed."""
    return key not in {room.key for room in switchable()} or bool(value(f"room.{key}"))


def closed() -> list[str]:
    """Return the keys of the rooms that are closed now."""
    return [room.key for room in switchable() if not is_open(room.key)]


def room_of(namespaces: list[str], path: str) -> str:
    """Return the key of the closable room that an address belongs to, or nothing.

    A page belongs to the room whose URL namespace it lies in, an API operation to the room whose
    ``api`` stands first after the version: ``/api/v1/<room>/…``.
    """
    for room in switchable():
        if namespaces and namespaces[0] in {room.key, room.url_name.partition(":")[0]}:
            return room.key
        if path.startswith("/api/") and "".join(path.split("/")[3:4]) in _words_of(room):
            return room.key
    return ""


def _words_of(room: shell.Room) -> list[str]:
    if isinstance(room.api, tuple):
        return list(room.api)
    return [room.api or room.key]


def take_the_switch() -> None:
    """Let the shell ask here which rooms it may show."""
    shell.room_is_open = is_open
