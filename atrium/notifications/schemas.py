from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.notifications.models import Announcement, Notification
from atrium.notifications.words import body_of, title_of
from atrium.web.schemas import example

_TOLD = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4c01",
    "kind": "files.removed_soon",
    "title": "2 files leave your trash soon",
    "body": "“lecture.pdf” and whatever else is that old goes on Nov. 24, 2026.",
    "url": "/files?trash=1",
    "made_at": "2026-11-21T12:00:00Z",
    "read_at": None,
}


class NotificationOut(Schema):
    """Something you were told, in your language."""

    model_config = example(**_TOLD)

    id: UUID
    kind: str
    title: str
    body: str
    url: str = Field(description="A path of ours; empty when it leads nowhere.")
    made_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, told: Notification) -> "NotificationOut":
        return cls(
            id=told.pk,
            kind=told.kind,
            title=title_of(told),
            body=body_of(told),
            url=told.url,
            made_at=told.made_at,
            read_at=told.read_at,
        )


class NotificationPage(Schema):
    model_config = example(items=[_TOLD], next=None, unread=1)

    items: list[NotificationOut]
    next: str | None = Field(description="Send it as `after` for what follows.")
    unread: int


class ReadOut(Schema):
    """How many were unread until now."""

    model_config = example(read=3)

    read: int


_ANNOUNCED = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4c02",
    "text": "On Sunday from 6 to 7 we move to a new machine.",
    "level": "info",
    "link": "",
    "begins_at": "2026-11-21T12:00:00Z",
    "ends_at": "2026-11-22T07:00:00Z",
    "is_dismissible": True,
}


class AnnouncementOut(Schema):
    """What the people who run this house tell everybody."""

    model_config = example(**_ANNOUNCED)

    id: UUID
    text: str
    level: str = Field(description="`info` or `warning`.")
    link: str = Field(description="A path of ours or an address elsewhere; may be empty.")
    begins_at: datetime
    ends_at: datetime | None
    is_dismissible: bool

    @classmethod
    def of(cls, one: Announcement) -> "AnnouncementOut":
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class AnnouncementList(Schema):
    model_config = example(items=[_ANNOUNCED])

    items: list[AnnouncementOut]
