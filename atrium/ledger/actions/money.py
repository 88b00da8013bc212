"""Money that came in or went back through a gateway."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.kit.money import EXPONENTS, BadAmount
from atrium.ledger.actions.entries import Move, post
from atrium.ledger.models import Account, Entry
from atrium.ledger.posting import PLATFORM


def book_money(
    *,
    gateway: str,
    amount_minor: int,
    currency: str,
    fee_minor: int = 0,
    key: str,
    at: datetime,
    about: tuple[str, UUID] | None = None,
) -> Entry:
    """Book what a gateway took for us, or (negative) gave back; a repeated ``key`` books nothing.

    What lies at the gateway after its fee, and the fee, stand against what we earned.

    :raises BadAmount: for an unknown currency, nothing, or more than the bound
    """
    if currency not in EXPONENTS:
        raise BadAmount(_("We do not know this currency."))
    if type(amount_minor) is not int or type(fee_minor) is not int or amount_minor == 0:
        raise BadAmount(_("The amount must be a whole number, and not nothing."))
    legs = [
        Move(f"{PLATFORM}:{gateway}", Account.Purpose.CLEARING, fee_minor - amount_minor, currency),
        Move(PLATFORM, Account.Purpose.FEES, -fee_minor, currency),
        Move(PLATFORM, Account.Purpose.REVENUE, amount_minor, currency),
    ]
    return post(key=key, kind="money", legs=legs, about=about, at=at)
