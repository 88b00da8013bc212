from datetime import datetime
from typing import Any

from atrium.engines.models import Capability, Model
from atrium.engines.queries import model_named, stand_ins_of
from atrium.kit.remembered import RememberedEach
from atrium.metering.actions import HOLD
from atrium.metering.models import Receipt

ENDED_AT_ONCE = 200
CALL = "call"  # the kind of what a receipt of ours is about


def calls_without_end(*, began_before: datetime) -> list[Receipt]:
    """Return receipts of calls that began before then and have not ended, the oldest first."""
    # Open holds are few, and have an index of their own; receipts are many.
    held: dict[str, Any] = {"hold__state": "held", "hold__kind": HOLD}
    found = Receipt.objects.filter(**held, about_kind=CALL, began_at__lt=began_before)
    return list(found.select_related("hold").order_by("began_at")[:ENDED_AT_ONCE])


def model_that(capability: Capability, slug: str) -> Model | None:
    """Return the model of this name that can do this, or the first of those that share it."""
    if capability == Capability.ANSWERS:
        return model_named(slug)
    return Model.objects.offered().that_can(capability).filter(slug=slug).first()


def anyone_that(capability: Capability) -> bool:
    """Tell whether any model that is offered can do this."""
    return Model.objects.offered().that_can(capability).exists()


def who_may_answer(slug: str) -> list[Model]:
    """Return the model of this name, and those that may answer in its place."""
    model = model_named(slug)
    return [model, *stand_ins_of(model)] if model else []


models_by_name = RememberedEach[tuple[Capability, str], Model](
    lambda name: model_that(*name), seconds=0.9
)
"""What ``model_that`` found, for those that were found."""


def models_as_openai() -> list[dict[str, Any]]:
    """Return the models that are offered, as ``GET /v1/models`` lists them."""
    return [_as_openai(model) for model in Model.objects.offered()]


def model_as_openai(slug: str) -> dict[str, Any] | None:
    found = Model.objects.offered().filter(slug=slug).first()
    return _as_openai(found) if found else None


def _as_openai(model: Model) -> dict[str, Any]:
    made_at = (model.pk.int >> 80) // 1000  # the first 48 bits of its name are milliseconds
    return {
        "id": model.slug,
        "object": "model",
        "created": made_at,
        "owned_by": model.provider.name,
        "shutdown_date": None,
    }
