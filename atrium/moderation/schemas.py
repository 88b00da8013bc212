from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.kit.limits import LIMITS
from atrium.moderation.models import Appeal, Block, Decision, Report
from atrium.moderation.queries import appeal_until
from atrium.web.schemas import StrictSchema, example

Category = Literal["spam", "harassment", "illegal", "self-harm", "copyright", "other"]
_ID = "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90"
_BLOCK = {"name": "charlie", "made_at": "2026-11-21T12:00:00Z"}


class BlockOut(Schema):
    """A name you block. Whether anybody has it is not told."""

    model_config = example(**_BLOCK)

    name: str
    made_at: datetime

    @classmethod
    def of(cls, block: Block) -> "BlockOut":
        return cls(name=block.name, made_at=block.made_at)


class BlockPage(Schema):
    model_config = example(items=[_BLOCK], next=None)

    items: list[BlockOut]
    next: str | None = Field(description="Send it as `after` for what follows.")


class ReportIn(StrictSchema):
    """What you report: a thing by its kind and id, or a person by their name."""

    model_config = example(person="charlie", category="spam", text="The same to forty people.")

    kind: str = Field("", max_length=40, description="What it is, such as `answer`.")
    id: UUID | None = None
    person: str = Field("", max_length=40, description="Instead of kind and id: a name.")
    category: Category
    text: str = Field("", max_length=LIMITS.note_characters)


_REPORT = {
    "id": _ID,
    "kind": "person",
    "title": "charlie",
    "category": "spam",
    "text": "The same to forty people.",
    "state": "waits",
    "made_at": "2026-11-21T12:00:00Z",
    "decided_at": None,
}


class ReportOut(Schema):
    """Something you reported."""

    model_config = example(**_REPORT)

    id: UUID
    kind: str
    title: str
    category: str
    text: str
    state: Literal["waits", "upheld", "dismissed"]
    made_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, report: Report) -> "ReportOut":
        return cls(
            id=report.pk,
            kind=report.about_kind,
            title=report.title,
            category=report.category,
            text=report.text,
            state=cast(Any, report.state if report.is_decided else "waits"),
            made_at=report.made_at,
            decided_at=report.decided_at,
        )


class ReportPage(Schema):
    model_config = example(items=[_REPORT], next=None)

    items: list[ReportOut]
    next: str | None = Field(description="Send it as `after` for what follows.")


class AppealIn(StrictSchema):
    model_config = example(text="It was a question, and no advertisement.")

    text: str = Field(min_length=1, max_length=LIMITS.note_characters, pattern=r"\S")


_APPEAL = {
    "text": "It was a question, and no advertisement.",
    "made_at": "2026-11-21T13:00:00Z",
    "state": "open",
    "statement": "",
    "decided_at": None,
}


class AppealOut(Schema):
    """What you said against a decision, and what came of it."""

    model_config = example(**_APPEAL)

    text: str
    made_at: datetime
    state: Literal["open", "kept", "overturned"]
    statement: str
    decided_at: datetime | None

    @classmethod
    def of(cls, appeal: Appeal) -> "AppealOut":
        named = ("text", "made_at", "state", "statement", "decided_at")
        return cls(**{name: getattr(appeal, name) for name in named})


_DECISION = {
    "id": _ID,
    "kind": "person",
    "title": "alice",
    "measure": "suspend",
    "statement": "You sent the same advertisement to forty people.",
    "decided_at": "2026-11-21T12:00:00Z",
    "suspended_until": "2026-11-28T12:00:00Z",
    "undone_at": None,
    "appeal_until": "2026-12-21T12:00:00Z",
    "appeal": None,
}


class DecisionOut(Schema):
    """A decision that hit you, with its reasons. Who decided is not told."""

    model_config = example(**_DECISION)

    id: UUID
    kind: str
    title: str
    measure: Literal["nothing", "hide", "warn", "suspend"]
    statement: str
    decided_at: datetime
    suspended_until: datetime | None
    undone_at: datetime | None
    appeal_until: datetime
    appeal: AppealOut | None

    @classmethod
    def of(cls, decision: Decision) -> "DecisionOut":
        appeal = getattr(decision, "appeal", None)
        return cls(
            id=decision.pk,
            kind=decision.about_kind,
            title=decision.title,
            measure=cast(Any, decision.measure),
            statement=decision.statement,
            decided_at=decision.decided_at,
            suspended_until=decision.suspension.until if decision.suspension else None,
            undone_at=decision.undone_at,
            appeal_until=appeal_until(decision),
            appeal=AppealOut.of(appeal) if appeal else None,
        )


class DecisionPage(Schema):
    model_config = example(items=[_DECISION], next=None)

    items: list[DecisionOut]
    next: str | None = Field(description="Send it as `after` for what follows.")
