"""Chats in the JSON API, a file for each noun."""

from atrium.chat.api import chats, folders, search, turns, versions, wishes  # noqa: F401
from atrium.chat.api.whose import router

PREFIX = "/chats"
__all__ = ["PREFIX", "router"]
