"""Chats, what was said in them, and what it rests on."""

from atrium.chat.models.attachment import Attachment
from atrium.chat.models.chat import Chat, ChatQuerySet
from atrium.chat.models.citation import Citation
from atrium.chat.models.collaborator import Collaborator
from atrium.chat.models.folder import Folder
from atrium.chat.models.imported import Import
from atrium.chat.models.picture import AskedPicture
from atrium.chat.models.preset import Preset, PresetQuerySet
from atrium.chat.models.shared import (
    Fork,
    SharedCopy,
    SharedCopyQuerySet,
    SharedFile,
    SharedTurn,
)
from atrium.chat.models.turn import Turn

__all__ = [
    "AskedPicture",
    "Attachment",
    "Chat",
    "ChatQuerySet",
    "Citation",
    "Collaborator",
    "Folder",
    "Fork",
    "Import",
    "Preset",
    "PresetQuerySet",
    "SharedCopy",
    "SharedCopyQuerySet",
    "SharedFile",
    "SharedTurn",
    "Turn",
]
