"""Which gateways there are in this installation."""

from collections.abc import Callable

from atrium.kit.errors import Unavailable
from atrium.payments.gateways.protocol import Gateway

_makers: dict[str, Callable[[], Gateway | None]] = {}


class GatewayGone(Unavailable):
    """The gateway of this payment is not there, or has no keys."""

    code = "gateway_gone"


def register(slug: str, make: Callable[[], Gateway | None]) -> None:
    """Have ``make()`` return the gateway as it is set up now; None while it has no keys."""
    _makers[slug] = make


def slugs() -> tuple[str, ...]:
    return tuple(_makers)


def gateway_of(slug: str) -> Gateway | None:
    """Return the gateway of that name, if it is set up."""
    make = _makers.get(slug)
    return make() if make else None


def forget(slug: str) -> None:
    """Have no gateway of that name any more."""
    _makers.pop(slug, None)
