from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from atrium.kit.errors import PaymentNeeded
from atrium.kit.money import MOST_MINOR, BadAmount
from atrium.ledger.amounts import shown, shown_up
from atrium.ledger.models import ASSETS, CREDIT, Account, Entry
from atrium.ledger.posting import AccountName, Overdrawn, Overfull, is_platform, write
from atrium.ledger.queries import balance_of, owed_by


class NotEnough(PaymentNeeded):
    """The account to pay from holds less than the amount."""

    code = "not_enough_credits"
    says_numbers = True


class Move(NamedTuple):
    """One leg to post: ``amount`` into (or, negative, out of) the account of a holder."""

    holder: str
    purpose: Account.Purpose
    amount: int
    asset: str = CREDIT


def post(
    *,
    key: str,
    kind: str,
    legs: Iterable[Move],
    at: datetime,
    about: tuple[str, UUID] | None = None,
) -> Entry:
    """Post the legs together, or not at all; a repeated ``key`` moves nothing.

    One call to the database (see ``posting``): two posts never wait for each other in a ring.

    :raises NotEnough: if a guarded account would fall below nothing
    :raises BadAmount: if a leg is over the bound, or an account would be
    """
    moves = _summed(legs)
    about_kind, about_id = about or ("", None)
    try:
        number = write(key=key, kind=kind, about=(about_kind, about_id), moves=moves, at=at)
    except Overdrawn:
        raise _not_enough(moves) from None
    except Overfull:
        raise _too_large() from None
    if number is None:
        return Entry.objects.get(key=key)
    told = {"about_kind": about_kind, "about_id": about_id, "posted_at": at}
    return Entry(pk=number, key=key, kind=kind, **told)


def pay_what_is_owed(*, holder: str, because: Entry, asset: str = CREDIT, at: datetime) -> None:
    """Pay the holder's debt as far as the wallet reaches, after ``because`` filled it."""
    if not owed_by(holder, asset):
        return
    lock_wallet(holder=holder, asset=asset)
    if paid := min(owed_by(holder, asset), balance_of(holder, asset)):
        legs = [
            Move(holder, Account.Purpose.WALLET, -paid, asset),
            Move(holder, Account.Purpose.DEBT, paid, asset),
        ]
        about = (because.about_kind, because.about_id) if because.about_id else None
        post(key=f"owed:{because.pk}", kind="debt_paid", legs=legs, about=about, at=at)


def lock_wallet(*, holder: str, asset: str = CREDIT) -> None:
    """Let nobody else change the wallet before this transaction ends; open it when there is none.

    Whoever makes or pays a debt, or freezes, locks here first: then what they read holds.
    """
    wallet = Account.objects.wallet_of(holder, asset)
    if not wallet.update(balance=F("balance")):
        Account.objects.get_or_create(
            holder=holder, purpose=Account.Purpose.WALLET, asset=asset, defaults={"balance": 0}
        )
        wallet.update(balance=F("balance"))


def check_amount(amount: int, *, asset: str = CREDIT) -> int:
    """Return the amount when it is a whole number above nothing, and not over the bound.

    :raises BadAmount: else, and for an asset that we do not know
    """
    if asset not in ASSETS:
        raise BadAmount(_("We do not know this currency."))
    if type(amount) is not int or amount <= 0:
        raise BadAmount(_("The amount must be a whole number above nothing."))
    if amount > MOST_MINOR:
        raise _too_large()
    return amount


def _summed(legs: Iterable[Move]) -> dict[AccountName, int]:
    """Add up legs on one account, drop the empty ones, and insist that each asset balances."""
    moves: dict[AccountName, int] = defaultdict(int)
    per_asset: dict[str, int] = defaultdict(int)
    for leg in legs:
        moves[leg.holder, leg.purpose, leg.asset] += leg.amount
        per_asset[leg.asset] += leg.amount
    assert not any(per_asset.values()), f"the legs do not balance: {dict(per_asset)}"
    if any(asset not in ASSETS for asset in per_asset):
        raise BadAmount(_("We do not know this currency."))
    if any(abs(amount) > MOST_MINOR for amount in moves.values()):
        raise _too_large()
    return {account: amount for account, amount in moves.items() if amount}


def _not_enough(moves: dict[AccountName, int]) -> NotEnough:
    """Say what the first account that is too empty has, and what was asked of it."""
    have = amount = 0
    for (holder, purpose, asset), amount in sorted(moves.items()):
        named = Account.objects.filter(holder=holder, purpose=purpose, asset=asset)
        have = named.values_list("balance", flat=True).first() or 0
        if not is_platform(holder) and have + amount < 0:
            break
    return NotEnough(
        _("This may cost up to %(need)s credits, and you have %(have)s.")
        % {"need": shown_up(-amount, asset), "have": shown(have, asset)},
        limit=have,
        used=-amount,
        way_on=_("Buy credits, or choose something smaller."),
        link=f"/wallet/buy?need={-amount - have}",
    )


def _too_large() -> BadAmount:
    return BadAmount(_("This amount is too large."))
