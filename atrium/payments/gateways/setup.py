"""How the operator set each gateway up, remembered for a few seconds in each process."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from atrium.kit.remembered import Remembered
from atrium.kit.secrets import CannotUnseal
from atrium.payments.models import GatewaySetting

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setup:
    """What an adapter is made of; a gateway that nobody set up is offered if it needs no keys."""

    is_enabled: bool = True
    currencies: frozenset[str] = frozenset()
    order: int = 100
    keys: Mapping[str, str] = field(default_factory=dict)


def setup_of(slug: str) -> Setup:
    return _every.get().get(slug) or Setup()


def keys_of(slug: str) -> Mapping[str, str]:
    """Return the keys by which the gateway knows us; none while nobody entered them."""
    return setup_of(slug).keys


def forget() -> None:
    """Read the settings anew at the next question."""
    _every.forget()


def _read() -> dict[str, Setup]:
    return {row.slug: _setup(row) for row in GatewaySetting.objects.all()}


def _setup(row: GatewaySetting) -> Setup:
    try:
        keys = row.keys
    except CannotUnseal:
        logger.exception("the keys of %s open with none of our secrets", row.slug)
        keys = {}
    return Setup(row.is_enabled, frozenset(row.currencies.split()), row.order, keys)


_every: Remembered[dict[str, Setup]] = Remembered(_read)
