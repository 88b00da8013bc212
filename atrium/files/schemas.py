from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.files.models import File
from atrium.web.schemas import example

_FILE = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4b01",
    "name": "lecture.pdf",
    "size": 81234,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "kind": "application/pdf",
    "made_at": "2026-11-21T12:00:00Z",
    "deleted_at": None,
}


class FileOut(Schema):
    """A file that you keep. ``kind`` is what its content is, whatever was declared."""

    model_config = example(**_FILE)

    id: UUID
    name: str
    size: int
    sha256: str
    kind: str
    made_at: datetime
    deleted_at: datetime | None = Field(description="Since when it lies in the trash.")

    @classmethod
    def of(cls, file: File) -> "FileOut":
        return cls.model_validate(file)


class FilePage(Schema):
    model_config = example(items=[_FILE], next=None)

    items: list[FileOut]
    next: str | None = Field(description="Send it as `after` for what follows.")


class LinkOut(Schema):
    """An address that opens the file without a key."""

    model_config = example(
        url="https://atrium.example/files/01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4b01/lecture.pdf?sig=…",
        expires_at="2026-11-21T12:10:00Z",
    )

    url: str
    expires_at: datetime


class LimitsOut(Schema):
    """What may be uploaded now."""

    model_config = example(
        largest_bytes=2_000_000_000,
        one_request_bytes=200_000_000,
        quota_bytes=5_000_000_000,
        kept_bytes=81_234,
        left_bytes=4_999_918_766,
        uploads_left_today=None,
        extensions=[".txt", ".pdf"],
    )

    largest_bytes: int = Field(description="One file, by the resumable way.")
    one_request_bytes: int = Field(description="One file in a single request.")
    quota_bytes: int
    kept_bytes: int
    left_bytes: int
    uploads_left_today: int | None = Field(description="null without a limit.")
    extensions: list[str]
