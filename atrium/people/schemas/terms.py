from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.people.models import TermsVersion
from atrium.web.schemas import StrictSchema, example

_VERSION = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a95",
    "kind": "terms",
    "number": 3,
    "text": "# Terms of use\n\nBe kind.",
    "published_at": "2026-11-21T12:00:00Z",
    "is_missing": True,
}


class TermsOut(Schema):
    """A text that is in force here."""

    model_config = example(**_VERSION)

    id: UUID
    kind: str = Field(description="`terms` or `privacy`.")
    number: int
    text: str = Field(description="Markdown.")
    published_at: datetime
    is_missing: bool = Field(description="Whether you have still to agree to it.")

    @classmethod
    def of(cls, version: TermsVersion, *, is_missing: bool) -> "TermsOut":
        named = ("id", "kind", "number", "text", "published_at")
        return cls(**{name: getattr(version, name) for name in named}, is_missing=is_missing)


class TermsList(Schema):
    model_config = example(items=[_VERSION])

    items: list[TermsOut]


class AgreeIn(StrictSchema):
    model_config = example(versions=["01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a95"])

    versions: list[UUID] = Field(
        min_length=1, max_length=10, description="The ids of what you have read and agree to."
    )


class AgreedOut(Schema):
    """How many you had not agreed to before."""

    model_config = example(agreed=1)

    agreed: int
