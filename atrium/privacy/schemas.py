from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.privacy.models import Erasure, Export
from atrium.web.schemas import example

_EXPORT = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4b01",
    "state": "ready",
    "asked_at": "2026-11-21T12:00:00Z",
    "ready_at": "2026-11-21T12:00:20Z",
    "expires_at": "2026-11-28T12:00:20Z",
    "size": 81234,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "failure": "",
    "reason": "",
}


class ExportOut(Schema):
    """A copy of everything that is yours, as one zip."""

    model_config = example(**_EXPORT)

    id: UUID
    state: str = Field(description="`making`, `ready`, `failed`, `cancelled` or `gone`.")
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None = Field(description="Until when it can be downloaded.")
    size: int
    sha256: str
    failure: str = Field(description="Why it could not be made.")
    reason: str = Field(description="Why staff made this copy; empty for one of yours.")

    @classmethod
    def of(cls, export: Export) -> "ExportOut":
        return cls.model_validate(export)


class ExportPage(Schema):
    model_config = example(items=[_EXPORT], next=None)

    items: list[ExportOut]
    next: str | None = Field(description="Send it as `after` for what follows.")


class ErasureOut(Schema):
    """When your account is going to be erased."""

    model_config = example(
        state="asked", asked_at="2026-11-21T12:00:00Z", due_at="2026-12-05T12:00:00Z"
    )

    state: str = Field(description="`asked` while you can keep your account, then `erasing`.")
    asked_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, erasure: Erasure) -> "ErasureOut":
        return cls.model_validate(erasure)
