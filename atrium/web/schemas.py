"""What every schema of the JSON API is made of."""

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field


class StrictSchema(Schema):
    """Base of whatever a program sends: a field that we do not know is refused, not ignored.

    Give it an example: ``model_config = example(name="…")``.
    """

    model_config = ConfigDict(extra="forbid")


def example(**fields: Any) -> ConfigDict:
    """Return the configuration that puts these fields into the documentation as the example."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Problem(Schema):
    """Why something was not done; the same words as on the page. Limits come with their numbers."""

    model_config = example(
        type="about:blank",
        code="not_found",
        title="Not found",
        status=404,
        detail="There is nothing here, or it is not yours to see.",
    )

    type: str = "about:blank"
    code: str = Field(description="What a program may compare; never translated.")
    title: str
    status: int
    detail: str = Field(description="A sentence for a person, in their language.")
    limit: int | None = Field(None, description="How much is allowed.")
    used: int | None = Field(None, description="How much of it is used.")
    retry_at: datetime | None = Field(None, description="The earliest time it will work.")
    way_on: str | None = Field(None, description="What else helps.")
    link: str | None = Field(None, description="The path of a page that leads on.")
    fields: dict[str, str] | None = Field(None, description="What is wrong, field by field.")


def errors(*statuses: int) -> dict[int, Any]:
    """Return what an operation adds to its ``response`` for the refusals of its own.

    Those that every operation shares (400, 401, 403, 413, 415, 422, 429) are added for it.
    """
    return dict.fromkeys(statuses, Problem)
