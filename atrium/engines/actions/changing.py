from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.engines.actions.connecting import FREE, CannotConnect, check_names, check_url, offer
from atrium.engines.models import SLUG, Capability, Cost, Model, Provider

PRICES = ("input_price", "output_price", "image_price", "minute_price")
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a provider is asked: at once, and in a day (None is no bound)."""

    at_once: int = 64
    daily_calls: int | None = None
    daily_micro: int | None = None


@dataclass(frozen=True, slots=True)
class ModelTerms:
    """What the operator says of a model. Prices are micro-credits, by the name of their column."""

    title: str
    enabled: bool
    order: int
    lowest_tier: int
    context_tokens: int
    most_output_tokens: int
    alias: str = ""
    can: frozenset[Capability] = frozenset()
    prices: Mapping[str, int] = field(default_factory=dict)
    cost: tuple[int, int] | None = None  # of tokens read and written; None leaves it as it is


@transaction.atomic
def change_provider(
    *,
    provider: Provider,
    url: str,
    key: str = "",
    enabled: bool,
    order: int,
    bounds: Bounds,
    by: str,
    at: datetime,
) -> None:
    """Change how a provider is asked; a key that is left out stays as it was.

    :raises CannotConnect: for an address that is none
    """
    if provider.kind != Provider.Kind.BUILT_IN:
        check_url(url)
        provider.url = url
        if key:
            provider.key = key
    provider.enabled, provider.order = enabled, order
    provider.at_once = bounds.at_once
    provider.daily_calls, provider.daily_micro = bounds.daily_calls, bounds.daily_micro
    provider.save()
    detail = {"name": provider.name, "url": provider.url, "enabled": enabled, "new_key": bool(key)}
    note("engines.changed", by=by, about=("provider", provider.pk), detail=detail, at=at)


@transaction.atomic
def offer_models(*, provider: Provider, names: Sequence[str], by: str, at: datetime) -> list[str]:
    """Offer more of a provider's models, free until they are priced; return those that are new.

    :raises CannotConnect: for a name that is none
    """
    check_names(names)
    known = set(provider.offers.values_list("remote_name", flat=True))
    new = [name for name in dict.fromkeys(names) if name not in known]
    for name in new:
        offer(provider=provider, remote_name=name, prices=FREE)
    if new:
        detail = {"models": new}
        note("engines.offered", by=by, about=("provider", provider.pk), detail=detail, at=at)
    return new


@transaction.atomic
def change_model(*, model: Model, terms: ModelTerms, by: str, at: datetime) -> None:
    """Change what a model can do and costs; what calls cost that run already stays.

    :raises CannotConnect: for an alias that is no name, or the name of one model
    """
    _check_alias(terms.alias)
    was = {name: getattr(model, name) for name in PRICES}
    prices = {**was, **{name: terms.prices[name] for name in PRICES if name in terms.prices}}
    if prices != was:
        model.price_version += 1
    for name, micro in prices.items():
        setattr(model, name, micro)
    for capability in Capability:
        setattr(model, capability.value, capability in terms.can)
    model.title, model.alias, model.enabled = terms.title, terms.alias, terms.enabled
    model.order, model.lowest_tier = terms.order, terms.lowest_tier
    model.context_tokens = terms.context_tokens
    model.most_output_tokens = terms.most_output_tokens
    model.save()
    if terms.cost is not None:
        _note_cost(model, *terms.cost, at=at)
    detail = {"model": model.slug, "enabled": model.enabled, **prices, "cost": terms.cost}
    note("engines.model_changed", by=by, about=("model", model.pk), detail=detail, at=at)


def _note_cost(model: Model, read: int, written: int, *, at: datetime) -> None:
    """Write down what the provider asks from now on; the first one counts for what was before."""
    last = model.costs.order_by("since").last()
    if (read, written) != ((last.read, last.written) if last else (0, 0)):
        Cost.objects.update_or_create(
            model=model,
            since=at if last else _BEFORE_ALL,
            defaults={"read": read, "written": written},
        )


def _check_alias(alias: str) -> None:
    if not alias:
        return
    try:
        SLUG(alias)
    except ValidationError:
        raise CannotConnect(_("This is no name of a model: %(name)s") % {"name": alias}) from None
    if Model.objects.filter(slug=alias).exists():
        raise CannotConnect(_("One model has this name for itself: %(name)s") % {"name": alias})
