from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from atrium.chat.copies import link_to
from atrium.chat.models import SharedCopy, SharedFile, SharedTurn
from atrium.kit.limits import LIMITS
from atrium.web.schemas import StrictSchema, example

_COPY = {
    "chat": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "title": "Why do leaves look green?",
    "url": "https://atrium.example/shared/atr_share_…",
    "listed": False,
    "views": 3,
    "forks": 1,
    "made_at": "2026-11-21T12:00:00Z",
    "frozen_at": "2026-11-21T12:00:00Z",
    "expires_at": "2026-12-21T12:00:00Z",
    "hidden_at": None,
}
_SOURCE = {
    "number": 1,
    "title": "garden.txt",
    "place": "line 3",
    "words": "Leaves look green because chlorophyll absorbs blue and red light.",
    "found": True,
}
_TURN = {
    "number": 2,
    "role": "answered",
    "model": "Reader",
    "text": "This is what your sources say: …",
    "sources": [_SOURCE],
}
_LISTED = {
    "title": "Why do leaves look green?",
    "url": "https://atrium.example/shared/atr_share_…",
    "frozen_at": "2026-11-21T12:00:00Z",
}


class ShareIn(StrictSchema):
    """How a copy is shared. Of the files of the chat those that are named go along."""

    model_config = example(lasts="month", listed=False, documents=[])

    lasts: Literal["day", "week", "month", "never"] = Field("month", description="For how long.")
    listed: StrictBool = Field(
        default=False, description="Also on the public list, where there is one."
    )
    documents: list[UUID] = Field(default_factory=list, max_length=LIMITS.files_per_chat)


class ShareOut(Schema):
    """A copy of a chat that you share; whoever has `url` reads it."""

    model_config = example(**_COPY)

    chat: UUID
    title: str
    url: str
    listed: bool
    views: int
    forks: int
    made_at: datetime
    frozen_at: datetime = Field(description="What the chat said then is what it shows.")
    expires_at: datetime | None
    hidden_at: datetime | None = Field(description="When moderators hid it from everybody.")

    @classmethod
    def of(cls, copy: SharedCopy) -> "ShareOut":
        return cls(
            chat=copy.chat_id,
            title=copy.title,
            url=link_to(copy),
            listed=copy.is_listed,
            views=copy.views,
            forks=copy.forks,
            made_at=copy.made_at,
            frozen_at=copy.frozen_at,
            expires_at=copy.expires_at,
            hidden_at=copy.hidden_at,
        )


class SharePage(Schema):
    model_config = example(items=[_COPY], next=None)

    items: list[ShareOut]
    next: str | None


class SharesEndedOut(Schema):
    model_config = example(ended=3)

    ended: int


class SharedSourceOut(Schema):
    """What an answer quoted; empty but for its number when that file is not shared."""

    model_config = example(**_SOURCE)

    number: int
    title: str
    place: str
    words: str
    found: bool


class SharedTurnOut(Schema):
    model_config = example(**_TURN)

    number: int
    role: str
    model: str
    text: str
    sources: list[SharedSourceOut]

    @classmethod
    def of(cls, turn: SharedTurn) -> "SharedTurnOut":
        return cls(
            number=turn.number,
            role="answered" if turn.is_answer else "asked",
            model=turn.speaker,
            text=turn.text,
            sources=[SharedSourceOut(**source) for source in turn.sources],
        )


class SharedFileOut(Schema):
    model_config = example(number=1, title="garden.txt")

    number: int
    title: str

    @classmethod
    def of(cls, file: SharedFile) -> "SharedFileOut":
        return cls(number=file.number, title=file.title)


class SharedOut(Schema):
    """A shared copy as whoever has its link reads it."""

    model_config = example(
        title="Why do leaves look green?",
        frozen_at="2026-11-21T12:00:00Z",
        turns=[_TURN],
        next=None,
        files=[{"number": 1, "title": "garden.txt"}],
    )

    title: str
    frozen_at: datetime
    turns: list[SharedTurnOut]
    next: int | None = Field(description="Ask with `after` for what follows.")
    files: list[SharedFileOut]


class ListedOut(Schema):
    model_config = example(**_LISTED)

    title: str
    url: str
    frozen_at: datetime

    @classmethod
    def of(cls, copy: SharedCopy) -> "ListedOut":
        return cls(title=copy.title, url=link_to(copy), frozen_at=copy.frozen_at)


class ListedPage(Schema):
    model_config = example(items=[_LISTED], next=None)

    items: list[ListedOut]
    next: str | None
