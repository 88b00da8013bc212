from dataclasses import dataclass
from uuid import UUID

from atrium.events.registry import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class FileKept(Event):
    """Bytes arrived whole and are what they say."""

    file_id: UUID
    owner: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDeleted(Event):
    """Somebody put a file into the trash; it can come back until it is purged."""

    file_id: UUID
    owner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRestored(Event):
    file_id: UUID
    owner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePurged(Event):
    """The bytes are gone for good."""

    file_id: UUID
    owner: str
