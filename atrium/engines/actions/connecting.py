from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.engines.guessing import capabilities_of
from atrium.engines.models import SLUG, Model, Provider
from atrium.kit.errors import Unprocessable

_BUILT_IN = (
    {
        "slug": "reader",
        "title": "Reader",
        "quotes_only": True,
        "tools": False,
        "context_tokens": 65_536,
        "most_output_tokens": 1_024,
        "order": 1_000,
    },
)
_MOST_PRICE = 10**15


class CannotConnect(Unprocessable):
    """What was told of an engine does not hold together."""

    code = "cannot_connect"


class Prices(NamedTuple):
    """Micro-credits per million tokens."""

    input: int = 0
    output: int = 0


FREE = Prices()


@transaction.atomic
def offer_built_in() -> None:
    """Make sure that what is built in can be asked; what the operator changed of it stays."""
    provider, _new = Provider.objects.get_or_create(
        name="Built in", defaults={"kind": Provider.Kind.BUILT_IN, "order": 1_000}
    )
    for fields in _BUILT_IN:
        Model.objects.get_or_create(slug=fields["slug"], defaults={**fields, "provider": provider})


@transaction.atomic
def connect(
    *,
    name: str,
    kind: str,
    url: str,
    key: str = "",
    models: Sequence[str],
    prices: Prices = FREE,
    by: str,
    at: datetime,
) -> Provider:
    """Offer a provider's models at once; the same name again changes what it told before.

    A key that is left out stays as it was. A price that changes gets a new version.

    :raises CannotConnect: for an unknown kind, an address that is none, or no models
    """
    _check(name=name, kind=kind, url=url, models=models, prices=prices)
    provider = Provider.objects.filter(name=name).first() or Provider(name=name)
    if provider.kind == Provider.Kind.BUILT_IN:
        raise CannotConnect(_("What is built in cannot be connected anew."))
    provider.kind, provider.url, provider.enabled = kind, url, True
    if key:
        provider.key = key
    provider.save()
    for remote_name in dict.fromkeys(models):
        offer(provider=provider, remote_name=remote_name, prices=prices)
    note(
        "engines.connected",
        by=by,
        about=("provider", provider.pk),
        detail={"name": name, "kind": kind, "url": url, "models": list(models)},
        at=at,
    )
    return provider


@transaction.atomic
def disconnect(*, provider: Provider, by: str, at: datetime) -> None:
    """Offer nothing of it any more; what its models answered stays readable."""
    Provider.objects.filter(pk=provider.pk).update(enabled=False, sealed_key="")
    note("engines.disconnected", by=by, about=("provider", provider.pk), at=at)


def offer(*, provider: Provider, remote_name: str, prices: Prices) -> None:
    """Offer one model of a provider under a name that is free here."""
    model = Model.objects.filter(provider=provider, remote_name=remote_name).first()
    if model is None:
        model = Model(
            provider=provider, remote_name=remote_name, slug=_free_slug(provider, remote_name)
        )
        model.title = remote_name[:120]
        for column, can in capabilities_of(remote_name).items():
            setattr(model, column, can)
    elif (model.input_price, model.output_price) != prices:
        model.price_version += 1
    model.input_price, model.output_price = prices
    model.enabled = True
    model.save()


def _free_slug(provider: Provider, remote_name: str) -> str:
    """Return how programs name it: as the provider does, with whose it is if that is taken."""
    if not Model.objects.filter(slug=remote_name).exists():
        return remote_name
    return f"{slugify(provider.name) or provider.pk.hex[:8]}/{remote_name}"[:190]


def _check(*, name: str, kind: str, url: str, models: Sequence[str], prices: Prices) -> None:
    if kind not in set(Provider.Kind.values) - {Provider.Kind.BUILT_IN}:
        raise CannotConnect(_("An engine is openai, anthropic or gemini."))
    check_url(url)
    if not name.strip() or len(name) > 60:
        raise CannotConnect(_("Give it a name of up to 60 characters."))
    if not models:
        raise CannotConnect(_("Name at least one model."))
    check_names(models)
    if any(not 0 <= price <= _MOST_PRICE for price in prices):
        raise CannotConnect(_("A price is not negative, and not larger than can be counted."))


def check_url(url: str) -> None:
    """:raises CannotConnect: for what is no address of the web"""
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        raise CannotConnect(_("This is no web address: %(url)s") % {"url": url}) from None


def check_names(models: Sequence[str]) -> None:
    """:raises CannotConnect: for a name that a model cannot have"""
    for one in models:
        try:
            SLUG(one)
        except ValidationError:
            raise CannotConnect(_("This is no name of a model: %(name)s") % {"name": one}) from None
