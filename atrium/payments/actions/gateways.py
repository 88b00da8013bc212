"""Gateways as the operator sets them up."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Unprocessable
from atrium.kit.money import EXPONENTS
from atrium.payments.gateways import setup
from atrium.payments.gateways.registry import needs_of, slugs
from atrium.payments.models import GatewaySetting


class NotASetup(Unprocessable):
    """What a gateway cannot be set up with; ``fields`` says which."""

    code = "not_a_setup"


@transaction.atomic
def set_up_gateway(
    *,
    slug: str,
    is_enabled: bool,
    currencies: str,
    order: int,
    keys: Mapping[str, str],
    by: str,
    at: datetime,
) -> GatewaySetting:
    """Set up how a gateway is offered; keys that are not named stay as they are.

    An empty key is forgotten.

    :raises NotASetup: with the field and the reason
    """
    if slug not in slugs():
        raise _wrong("slug", _("There is no such gateway."))
    row = GatewaySetting.objects.filter(slug=slug).first() or GatewaySetting(slug=slug)
    row.is_enabled, row.order, row.changed_at = is_enabled, order, at
    row.currencies = _currencies(currencies)
    row.keys = _with(row, keys)
    row.save()
    note(
        "payments.gateway_set_up",
        by=by,
        about=("gateway", slug),
        detail={"is_enabled": is_enabled, "currencies": row.currencies, "keys": sorted(keys)},
        at=at,
    )
    transaction.on_commit(setup.forget)
    setup.forget()
    return row


def _currencies(text: str) -> str:
    named = sorted(set(text.upper().replace(",", " ").split()))
    unknown = [name for name in named if name not in EXPONENTS]
    if unknown:
        said = _("There is no currency %(names)s here.") % {"names": ", ".join(unknown)}
        raise _wrong("currencies", said)
    return " ".join(named)


def _with(row: GatewaySetting, keys: Mapping[str, str]) -> dict[str, str]:
    known = {need.name for need in needs_of(row.slug)}
    if unknown := sorted(set(keys) - known):
        said = _("This gateway has no key called %(names)s.") % {"names": ", ".join(unknown)}
        raise _wrong("keys", said)
    return {name: text for name, text in {**row.keys, **keys}.items() if text}


def _wrong(field: str, reason: str) -> NotASetup:
    return NotASetup(reason, fields={field: reason})
