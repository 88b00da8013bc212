from dataclasses import dataclass
from uuid import UUID

from atrium.events.registry import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentRead(Event):
    document_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentFailed(Event):
    document_id: UUID
