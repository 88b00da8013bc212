from datetime import datetime
from uuid import UUID

from django.urls import reverse
from ninja import Schema
from pydantic import Field, StrictBool

from atrium.chat.actions import LONGEST_QUESTION
from atrium.chat.generation import desk
from atrium.chat.models import AskedPicture, Chat, Citation, Preset, Turn
from atrium.chat.prompts import Filling
from atrium.chat.seeing import shown_with
from atrium.metering.models import Receipt
from atrium.sources.models import Document
from atrium.web.schemas import StrictSchema, example

CHAT = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90",
    "title": "Why do leaves look green?",
    "made_at": "2026-11-21T12:00:00Z",
    "touched_at": "2026-11-21T12:00:03Z",
    "deleted_at": None,
    "pinned_at": None,
    "folder": None,
    "shared": False,
}
_CITATION = {
    "number": 1,
    "title": "garden.txt",
    "place": "line 3",
    "words": "Leaves look green because chlorophyll absorbs blue and red light.",
    "found": True,
}
_RECEIPT = {
    "state": "settled",
    "tokens_in": 40,
    "tokens_out": 21,
    "charged_micro": 0,
    "seconds": 0.4,
}
_PICTURE = {
    "number": 1,
    "file": "01932d1c-7a40-7a55-a2c3-3f6b9b5e8d21",
    "name": "leaf.jpg",
    "url": "/chat/turns/01932d1c-7b0f-7f4e-b0a6-1f3c5ad50c77/pictures/1",
}
_TURN = {
    "id": "01932d1c-7b10-7d02-8d51-0a6f6f3f2f11",
    "parent": "01932d1c-7b0f-7f4e-b0a6-1f3c5ad50c77",
    "role": "answered",
    "state": "done",
    "text": "This is what your sources say: …",
    "model": "reader",
    "failure": "",
    "made_at": "2026-11-21T12:00:01Z",
    "ended_at": "2026-11-21T12:00:03Z",
    "hidden_at": None,
    "versions": ["01932d1c-7b10-7d02-8d51-0a6f6f3f2f11"],
    "beside": False,
    "left_out": 0,
    "pictures": [],
    "citations": [_CITATION],
    "receipt": _RECEIPT,
    "asked_by": None,
}
WISHES = {
    "model": "reader",
    "system": "Answer in two sentences.",
    "temperature": None,
    "most_tokens": None,
}
_FILLING = {"used": 140, "limit": 64512, "percent": 0}
_DOCUMENT = {
    "id": "01932d1c-7a90-7b2d-9e6c-77a4c8b1c0de",
    "file": "01932d1c-7a40-7a55-a2c3-3f6b9b5e8d21",
    "title": "garden.txt",
    "state": "ready",
    "failure": "",
}


class ChatOut(Schema):
    model_config = example(**CHAT)

    id: UUID
    title: str
    made_at: datetime
    touched_at: datetime
    deleted_at: datetime | None
    pinned_at: datetime | None
    folder: UUID | None
    shared: StrictBool = Field(description="Whether it is somebody else's, who lets you take part.")

    @classmethod
    def of(cls, chat: Chat, *, is_own: bool | None = None) -> "ChatOut":
        is_own = chat.is_own if is_own is None else is_own
        return cls(
            id=chat.pk,
            title=chat.title,
            made_at=chat.made_at,
            touched_at=chat.touched_at,
            deleted_at=chat.deleted_at,
            pinned_at=chat.pinned_at if is_own else None,
            folder=chat.folder_id if is_own else None,
            shared=not is_own,
        )


class ChatPage(Schema):
    model_config = example(items=[CHAT], next=None)

    items: list[ChatOut]
    next: str | None = Field(description="Send it as `after` for the page that follows.")


class CitationOut(Schema):
    """The words of a source that an answer rests on."""

    model_config = example(**_CITATION)

    number: int
    title: str
    place: str
    words: str
    found: bool = Field(description="Whether the words really stand in the source.")

    @classmethod
    def of(cls, citation: Citation) -> "CitationOut":
        return cls.model_validate(citation)


class ReceiptOut(Schema):
    """What an answer used and cost."""

    model_config = example(**_RECEIPT)

    state: str
    tokens_in: int
    tokens_out: int
    charged_micro: int = Field(description="In millionths of a credit.")
    seconds: float

    @classmethod
    def of(cls, receipt: Receipt) -> "ReceiptOut":
        return cls(
            state=receipt.state,
            tokens_in=receipt.tokens_in,
            tokens_out=receipt.tokens_out,
            charged_micro=receipt.charged,
            seconds=receipt.seconds,
        )


class AskedPictureOut(Schema):
    """A picture that a question was asked with."""

    model_config = example(**_PICTURE)

    number: int
    file: UUID
    name: str
    url: str = Field(description="Where whoever may see the chat gets it, drawn anew.")

    @classmethod
    def of(cls, picture: AskedPicture) -> "AskedPictureOut":
        return cls(
            number=picture.number,
            file=picture.file_id,
            name=picture.file.name,
            url=reverse("chat:picture", args=[picture.turn_id, picture.number]),
        )


class TurnOut(Schema):
    """A question, or an answer: as far as it is written now."""

    model_config = example(**_TURN)

    id: UUID
    parent: UUID | None
    role: str
    state: str
    text: str
    model: str | None
    failure: str
    made_at: datetime
    ended_at: datetime | None
    hidden_at: datetime | None = Field(description="Since when moderators hide its text.")
    versions: list[UUID] = Field(
        description="This turn and those that stand in its place on other branches, oldest first."
    )
    beside: StrictBool = Field(
        description="Whether it was asked together with another model, and is not yet chosen."
    )
    left_out: int = Field(
        description="Earlier turns for which the model has no room; they were left out."
    )
    pictures: list[AskedPictureOut] = Field(description="What a question was asked with.")
    citations: list[CitationOut]
    receipt: ReceiptOut | None
    asked_by: str | None = Field(description="Who asked it, in a chat with several people.")

    @classmethod
    def of(cls, turn: Turn) -> "TurnOut":
        written = desk.text_of(turn.pk) if turn.is_writing else None
        return cls(
            id=turn.pk,
            parent=turn.parent_id,
            role=turn.role,
            state=turn.state,
            text=turn.said if written is None else written,
            model=turn.model.slug if turn.model else None,
            failure=turn.failure,
            made_at=turn.made_at,
            ended_at=turn.ended_at,
            citations=[]
            if turn.hidden_at
            else [CitationOut.of(one) for one in turn.citations.all()],
            hidden_at=turn.hidden_at,
            versions=list(turn.versions) or [turn.pk],
            beside=turn.beside,
            left_out=turn.left_out,
            pictures=[AskedPictureOut.of(one) for one in shown_with(turn.pictures.all())],
            receipt=ReceiptOut.of(turn.receipt) if turn.receipt else None,
            asked_by=turn.asker.name if turn.asker else None,
        )


class DocumentOut(Schema):
    """A file that the answers of a chat may quote, and how far it is read."""

    model_config = example(**_DOCUMENT)

    id: UUID
    file: UUID
    title: str
    state: str
    failure: str

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        return cls(
            id=document.pk,
            file=document.file_id,
            title=document.title,
            state=document.state,
            failure=document.failure,
        )


class WishesOut(Schema):
    """How the answers of a chat shall be."""

    model_config = example(**WISHES)

    model: str | None
    system: str = Field(description="Instructions that every answer keeps to.")
    temperature: float | None
    most_tokens: int | None

    @classmethod
    def of(cls, wished: "Chat | Preset") -> "WishesOut":
        return cls(
            model=wished.model.slug if wished.model else None,
            system=wished.system,
            temperature=wished.temperature,
            most_tokens=wished.most_tokens,
        )


class FillingOut(Schema):
    """How much of what the chat's model takes in is filled. The oldest turns leave when it is
    full."""

    model_config = example(**_FILLING)

    used: int
    limit: int
    percent: int

    @classmethod
    def of(cls, filling: Filling) -> "FillingOut":
        return cls(used=filling.used, limit=filling.limit, percent=filling.percent)


class ChatWithTurns(ChatOut):
    model_config = example(
        **CHAT,
        turns=[_TURN],
        documents=[_DOCUMENT],
        earlier=None,
        wishes=WISHES,
        preset=None,
        context=_FILLING,
    )

    turns: list[TurnOut]
    earlier: UUID | None = Field(
        description="Send it as `before` for the turns before these; null when these are the first."
    )
    documents: list[DocumentOut]
    wishes: WishesOut
    preset: UUID | None = Field(description="The preset that the wishes come from.")
    context: FillingOut


class QuestionIn(StrictSchema):
    model_config = example(text="Why do leaves look green?", files=[], model="reader")

    text: str = Field(description=f"At most {LONGEST_QUESTION:,} characters.")
    files: list[UUID] = Field(
        default_factory=list,
        max_length=20,
        description="Files of yours: texts that answers may quote, pictures that are asked with.",
    )
    model: str = Field(
        "",
        max_length=190,
        description="When empty the one that was asked last, else the first that is offered.",
    )
    beside: str = Field("", max_length=190, description="A second model to ask the same at once.")
    preset: UUID | None = Field(None, description="Only for the first question of a chat.")
    after: UUID | None = Field(
        None, description="The answer that it follows; the branch that is shown, when left out."
    )
    edits: UUID | None = Field(
        None, description="The question that it is another version of; that begins a branch."
    )


class AskedOut(Schema):
    """The question that was kept, and the answer that is being written."""

    model_config = example(
        chat=CHAT, question={**_TURN, "role": "asked", "model": None}, answer=_TURN
    )

    chat: ChatOut
    question: TurnOut
    answer: TurnOut
    beside: TurnOut | None = Field(None, description="The answer of the second model.")


class AgainIn(StrictSchema):
    model_config = example(model="reader")

    model: str = Field("", max_length=190, description="The same as before, when empty.")
