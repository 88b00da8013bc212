from uuid import UUID

from ninja import Schema
from pydantic import Field, StrictBool

from atrium.chat.models import Preset
from atrium.chat.schemas.turns import WISHES, WishesOut
from atrium.kit.limits import LIMITS
from atrium.web.schemas import StrictSchema, example

_PRESET = {
    "id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4b01",
    "title": "Short and plain",
    "for_everybody": False,
    "wishes": WISHES,
}


class WishesIn(StrictSchema):
    """How answers shall be. What is left out is as the model likes."""

    model_config = example(**WISHES)

    model: str = Field("", max_length=190, description="The first that is offered, when empty.")
    system: str = Field(
        "", description=f"Instructions of at most {LIMITS.instructions_characters:,} characters."
    )
    temperature: float | None = Field(None, description="From 0 to 2.")
    most_tokens: int | None = Field(None, description="How long an answer may be.")


class ChatWishesIn(WishesIn):
    model_config = example(**WISHES, preset=None)

    preset: UUID | None = Field(
        None, description="Take all of it from this preset; the other fields are not read then."
    )


class PresetIn(StrictSchema):
    model_config = example(title="Short and plain", wishes=WISHES, for_everybody=False)

    title: str = Field(min_length=1, max_length=60)
    wishes: WishesIn
    for_everybody: StrictBool = Field(
        default=False, description="Only administrators; set when it is made, and then kept."
    )


class PresetOut(Schema):
    """A model with instructions and settings, to begin chats with."""

    model_config = example(**_PRESET)

    id: UUID
    title: str
    for_everybody: bool
    wishes: WishesOut

    @classmethod
    def of(cls, preset: Preset) -> "PresetOut":
        return cls(
            id=preset.pk,
            title=preset.title,
            for_everybody=preset.person_id is None,
            wishes=WishesOut.of(preset),
        )


class PresetList(Schema):
    model_config = example(items=[_PRESET])

    items: list[PresetOut]
