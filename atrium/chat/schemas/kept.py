from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from atrium.chat.actions.folders import LONGEST_TITLE
from atrium.chat.models import Folder, Import
from atrium.chat.schemas.turns import CHAT, ChatOut
from atrium.chat.searching import Hit
from atrium.kit.limits import LIMITS
from atrium.web.schemas import StrictSchema, example

_FOLDER = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a91",
    "title": "Garden",
    "instructions": "Answer in two sentences.",
    "made_at": "2026-11-21T12:00:00Z",
    "chats": 3,
}

_HIT = {
    "chat": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "title": "Why do leaves look green?",
    "turn": "01932d1c-7b10-7d02-8d51-0a6f6f3f2f11",
    "role": "answered",
    "made_at": "2026-11-21T12:00:01Z",
    "parts": [
        {"text": "Leaves look green because", "marked": False},
        {"text": "chlorophyll", "marked": True},
    ],
}

_IMPORT = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a92",
    "name": "conversations.json",
    "state": "done",
    "found": 12,
    "brought": 11,
    "known": 1,
    "failure": "",
    "begun_at": "2026-11-21T12:00:00Z",
    "ended_at": "2026-11-21T12:00:04Z",
}


class ChatIn(StrictSchema):
    """What is to change; what is not sent stays."""

    model_config = example(title="Green leaves", pinned=True, folder=None)

    title: str | None = Field(None, min_length=1, max_length=200)
    pinned: StrictBool | None = Field(None, description="Whether it is kept above the others.")
    folder: UUID | None = Field(
        None, description="A folder of yours; null takes it out of its own."
    )


class FolderOut(Schema):
    """Chats that are kept together."""

    model_config = example(**_FOLDER)

    id: UUID
    title: str
    instructions: str = Field(description="Told to models with every question in its chats.")
    made_at: datetime
    chats: int

    @classmethod
    def of(cls, folder: Folder, chats: int = 0) -> "FolderOut":
        return cls(
            id=folder.pk,
            title=folder.title,
            instructions=folder.instructions,
            made_at=folder.made_at,
            chats=chats,
        )


class FolderList(Schema):
    model_config = example(items=[_FOLDER])

    items: list[FolderOut]


class FolderIn(StrictSchema):
    model_config = example(title="Garden", instructions="Answer in two sentences.")

    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    instructions: str = Field("", max_length=LIMITS.folder_instruction_characters)


class FolderChangeIn(StrictSchema):
    """What is to change; what is not sent stays."""

    model_config = example(instructions="Answer in two sentences.")

    title: str | None = Field(None, min_length=1, max_length=LONGEST_TITLE)
    instructions: str | None = Field(None, max_length=LIMITS.folder_instruction_characters)


class PartOut(Schema):
    """A piece of a text; ``marked`` when it is what was looked for."""

    model_config = example(text="chlorophyll", marked=True)

    text: str
    marked: bool


class HitOut(Schema):
    """A turn in which the words stand."""

    model_config = example(**_HIT)

    chat: UUID
    title: str
    turn: UUID
    role: str
    made_at: datetime
    parts: list[PartOut]

    @classmethod
    def of(cls, hit: Hit) -> "HitOut":
        return cls(
            chat=hit.chat.pk,
            title=hit.chat.title,
            turn=hit.turn.pk,
            role=hit.turn.role,
            made_at=hit.turn.made_at,
            parts=[PartOut(text=text, marked=marked) for text, marked in hit.parts],
        )


class FoundOut(Schema):
    """Chats by their titles, and what was said in chats; the best first."""

    model_config = example(chats=[CHAT], hits=[_HIT])

    chats: list[ChatOut]
    hits: list[HitOut]


class ImportOut(Schema):
    """A file with chats from another place, and how far it is taken in."""

    model_config = example(**_IMPORT)

    id: UUID
    name: str
    state: str
    found: int
    brought: int = Field(description="Chats that are new here.")
    known: int = Field(description="Chats that were here already.")
    failure: str
    begun_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, one: Import) -> "ImportOut":
        return cls(
            id=one.pk,
            name=one.name,
            state=one.state,
            found=one.found,
            brought=one.brought,
            known=one.known,
            failure=one.failure,
            begun_at=one.begun_at,
            ended_at=one.ended_at,
        )


class ImportList(Schema):
    model_config = example(items=[_IMPORT])

    items: list[ImportOut]
