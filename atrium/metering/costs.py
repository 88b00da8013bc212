"""What providers ask of the house for the tokens used, beside what these brought in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery, Sum

from atrium.engines.models import Cost
from atrium.kit.money import Money
from atrium.metering.models import Receipt

DOLLAR = "USD"
_MICRO_A_CENT = 10_000
_MILLION = 1_000_000
_ABOUT_MODELS = ("model__provider__kind", "model__answers", "model__embeds")


@dataclass(frozen=True, slots=True)
class ModelCost:
    """What the calls of one model cost; ``micro`` is None where its cost was not written down."""

    model_id: UUID
    title: str
    calls: int
    tokens: int
    micro: int | None

    @property
    def money(self) -> Money | None:
        return None if self.micro is None else _cents_up(self.micro)


@dataclass(frozen=True, slots=True)
class Costs:
    """What all models cost, the dearest first."""

    models: list[ModelCost]

    @property
    def sum(self) -> Money | None:
        """The part that is known; None when nothing is."""
        known = [one.micro for one in self.models if one.micro is not None]
        return _cents_up(sum(known)) if known else None

    @property
    def is_whole(self) -> bool:
        return all(one.micro is not None for one in self.models)


def costs_since(since: datetime) -> Costs:
    """Add up what calls that ended since then cost, each by what was asked when it ended.

    Models of providers that ask for nothing, as built-in ones do, stand there with nothing.
    """
    rows = _rows(since)
    asked = Cost.objects.in_bulk({row["cost"] for row in rows if row["cost"]})
    found: dict[Any, ModelCost] = {}
    for row in rows:
        before = found.get(row["model"]) or ModelCost(row["model"], row["model__title"], 0, 0, 0)
        found[row["model"]] = ModelCost(
            before.model_id,
            before.title,
            before.calls + row["calls"],
            before.tokens + row["read"] + row["written"],
            _plus(before.micro, _micro(row, asked)),
        )
    by_cost = sorted(found.values(), key=lambda one: (-(one.micro or 0), -one.tokens, one.title))
    return Costs(by_cost)


def _rows(since: datetime) -> list[dict[str, Any]]:
    in_force = Cost.objects.filter(model=OuterRef("model"), since__lte=OuterRef("ended_at"))
    receipts = Receipt.objects.filter(state=Receipt.State.SETTLED, ended_at__gte=since)
    return list(
        receipts.annotate(cost=Subquery(in_force.order_by("-since").values("pk")[:1]))
        .values("model", "model__title", "cost", *_ABOUT_MODELS)
        .annotate(calls=Count("id"), read=Sum("tokens_in"), written=Sum("tokens_out"))
        .order_by()
    )


def _micro(row: dict[str, Any], asked: dict[int, Cost]) -> int | None:
    if row["model__provider__kind"] == "built_in":
        return 0
    has_tokens = row["model__answers"] or row["model__embeds"]
    if not row["cost"] or not has_tokens:  # pictures and minutes are not what is written down
        return None
    cost = asked[row["cost"]]
    asked_for: int = row["read"] * cost.read + row["written"] * cost.written
    return -(-asked_for // _MILLION)


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _cents_up(micro: int) -> Money:
    return Money(-(-micro // _MICRO_A_CENT), DOLLAR)
