"""Which gateways there are in this installation."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from atrium.kit.errors import Unavailable
from atrium.payments.gateways.protocol import Gateway
from atrium.payments.gateways.setup import setup_of


class GatewayGone(Unavailable):
    """The gateway of this payment is not there, or has no keys."""

    code = "gateway_gone"


@dataclass(frozen=True, slots=True)
class Need:
    """A key that the operator gets from the gateway and enters here."""

    name: str
    label: str | Promise


@dataclass(frozen=True, slots=True)
class _Known:
    make: Callable[[], Gateway | None]
    title: str
    needs: tuple[Need, ...]


_known: dict[str, _Known] = {}


def register(
    slug: str,
    make: Callable[[], Gateway | None],
    *,
    title: str = "",
    needs: tuple[Need, ...] = (),
) -> None:
    """Have ``make()`` return the gateway as it is set up now; None while it has no keys.

    It finds them with ``gateways.setup.keys_of``, under the names of ``needs``.
    """
    _known[slug] = _Known(make, title or slug.capitalize(), needs)


def slugs() -> tuple[str, ...]:
    return tuple(_known)


def title_of(slug: str) -> str:
    """Return how people call the gateway, whether or not it is set up."""
    return _known[slug].title if slug in _known else slug


def needs_of(slug: str) -> tuple[Need, ...]:
    """Return which keys the gateway cannot be without."""
    return _known[slug].needs if slug in _known else ()


def gateway_of(slug: str) -> Gateway | None:
    """Return the gateway of that name, if it has its keys; also one that is not offered now."""
    known = _known.get(slug)
    return known.make() if known else None


def is_offered(gateway: Gateway, currency: str) -> bool:
    """Whether new payments of this currency may go there."""
    told = setup_of(gateway.slug)
    takes = told.currencies & gateway.currencies if told.currencies else gateway.currencies
    return told.is_enabled and currency in takes


def forget(slug: str) -> None:
    """Have no gateway of that name any more."""
    _known.pop(slug, None)
