"""Chats in the JSON API, a file for each noun."""

from atrium.chat.api import (  # noqa: F401
    chats,
    exports,
    folders,
    imports,
    people,
    search,
    shares,
    turns,
    versions,
    wishes,
)
from atrium.chat.api.whose import router

PREFIX = "/chats"
__all__ = ["PREFIX", "router"]
