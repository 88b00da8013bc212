"""Buying credits, as tests do it."""

from importlib import import_module
from itertools import count
from typing import Any

from django.apps import apps

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.ledger.queries import balance_of, owed_by
from atrium.payments.models import Payment
from atrium.people.models import Guest, User
from atrium.plans.actions.buying import buy
from atrium.plans.actions.coupons import Does, make_coupon
from atrium.plans.models import Coupon, Package
from atrium.plans.offers import Wanted
from tests import make

_keys = count(1)


def package(currency: str = "USD", name: str = "Small") -> Package:
    """Return one of the packages; a flushed database has lost them."""
    if not Package.objects.exists():
        import_module("atrium.plans.migrations.0004_the_packages").add(apps, None)
    return Package.objects.get(currency=currency, name=name)


def ordered(who: User | Guest, *, key: str = "", gateway: str = "till", **wanted: Any) -> Payment:
    """Set out to buy the small package, or what else is wanted."""
    if not wanted.keys() & {"package", "amount"}:
        wanted["package"] = str(package().pk)
    return buy(
        wanted=Wanted(**wanted),
        gateway=gateway,
        key=key or f"key {next(_keys)}",
        by=make.caller(who),
        at=clock.now(),
    )


def coupon(*, uses: int = 1, expires_at: Any = None, **does: Any) -> tuple[Coupon, str]:
    """Return a coupon with its code: half off, unless told otherwise."""
    kind = next((kind for kind in ("credits", "off_minor") if kind in does), "percent")
    does.setdefault("kind", {"off_minor": "amount"}.get(kind, kind))
    if does["kind"] == "percent":
        does.setdefault("percent", 50)
    staff = User.objects.filter(username="teller").first() or make.admin(username="teller")
    return make_coupon(
        does=Does(**does),
        uses=uses,
        expires_at=expires_at,
        by=make.caller(staff),
        at=clock.now(),
    )


def credits_of(who: User | Guest) -> float:
    return balance_of(make.caller(who).audience) / MICRO


def debt_of(who: User | Guest) -> float:
    return owed_by(make.caller(who).audience) / MICRO
