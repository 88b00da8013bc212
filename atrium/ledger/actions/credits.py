"""What is given, taken back and frozen; what cannot be taken back any more is owed."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit.credits import shown_charge
from atrium.kit.errors import PaymentNeeded
from atrium.ledger.actions.claims import bring_wallets, standing_claim, whose
from atrium.ledger.actions.entries import Move, check_amount, lock_wallet, pay_what_is_owed, post
from atrium.ledger.models import CREDIT, Account, Entry, Leg
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import balance_of, owed_by
from atrium.people.models import Claim

FREEZE = "freeze"
_WALLET, _DEBT, _FROZEN = Account.Purpose.WALLET, Account.Purpose.DEBT, Account.Purpose.FROZEN

About = tuple[str, UUID] | None


class DebtOwed(PaymentNeeded):
    """Credits were taken back that had been spent already; they are paid before anything else."""

    code = "debt_owed"
    says_numbers = True


class Taken(NamedTuple):
    """How much a taking back found in the wallet, and how much is owed since."""

    taken: int
    owed: int


@transaction.atomic
def grant(
    *,
    holder: str,
    amount: int,
    key: str,
    kind: str,
    at: datetime,
    about: About = None,
    asset: str = CREDIT,
    against: Account.Purpose = Account.Purpose.ISSUED,
) -> Entry:
    """Put ``amount`` into the holder's wallet; what they owe is paid from it first.

    A repeated ``key`` gives nothing. A guest who was claimed passes it on.
    """
    check_amount(amount, asset=asset)
    claim = standing_claim(holder)
    legs = [
        Move(PLATFORM, against, -amount, asset),
        Move(holder, _WALLET, amount, asset),
    ]
    entry = post(key=key, kind=kind, legs=legs, about=about, at=at)
    _give_on(holder, claim, entry, asset=asset, at=at)
    return entry


@transaction.atomic
def take_back(
    *,
    holder: str,
    amount: int,
    key: str,
    kind: str,
    at: datetime,
    about: About = None,
    asset: str = CREDIT,
    against: Account.Purpose = Account.Purpose.ISSUED,
) -> Taken:
    """Take ``amount`` out of the wallet as far as it reaches; the rest is owed from now on.

    A repeated ``key`` takes nothing and tells what the first took. For a guest who was claimed,
    the person answers.
    """
    check_amount(amount, asset=asset)
    holder = whose(holder)
    lock_wallet(holder=holder, asset=asset)
    taken = min(amount, balance_of(holder, asset))
    legs = [
        Move(holder, _WALLET, -taken, asset),
        Move(holder, _DEBT, taken - amount, asset),
        Move(PLATFORM, against, amount, asset),
    ]
    entry = post(key=key, kind=kind, legs=legs, about=about, at=at)
    return Taken(taken=-_moved(entry, _WALLET), owed=-_moved(entry, _DEBT))


@transaction.atomic
def freeze(
    *,
    holder: str,
    amount: int,
    key: str,
    at: datetime,
    about: About = None,
    asset: str = CREDIT,
) -> int:
    """Keep up to ``amount`` of the wallet from being spent, and return how much that was.

    A repeated ``key`` freezes nothing more.
    """
    check_amount(amount, asset=asset)
    holder = whose(holder)
    lock_wallet(holder=holder, asset=asset)
    frozen = min(amount, balance_of(holder, asset))
    legs = [Move(holder, _WALLET, -frozen, asset), Move(holder, _FROZEN, frozen, asset)]
    entry = post(key=key, kind=FREEZE, legs=legs, about=about, at=at)
    return _moved(entry, _FROZEN)


@transaction.atomic
def thaw(*, key: str, at: datetime) -> int:
    """Give back exactly what the freeze of this ``key`` took, once, and return how much that is."""
    frozen = Leg.objects.filter(entry__key=key, entry__kind=FREEZE, account__purpose=_FROZEN)
    leg = frozen.select_related("account", "entry").first()
    if leg is None:
        return 0
    account, froze = leg.account, leg.entry
    claim = standing_claim(account.holder)
    legs = [
        Move(account.holder, _FROZEN, -leg.amount, account.asset),
        Move(account.holder, _WALLET, leg.amount, account.asset),
    ]
    about = (froze.about_kind, froze.about_id) if froze.about_id else None
    entry = post(key=f"thaw:{froze.pk}", kind="thaw", legs=legs, about=about, at=at)
    _give_on(account.holder, claim, entry, asset=account.asset, at=at)
    return leg.amount


def insist_nothing_is_owed(*, holder: str) -> None:
    """Let nobody spend who owes credits.

    :raises DebtOwed: with how much it is
    """
    if owed := owed_by(holder):
        raise DebtOwed(
            _("You owe %(credits)s credits: a payment was taken back after they were spent.")
            % {"credits": shown_charge(owed)},
            used=owed,
            way_on=_("Buy credits at /wallet/buy: what is owed is paid first."),
            link=f"/wallet/buy?need={owed}",
        )


def _give_on(holder: str, claim: Claim | None, entry: Entry, *, asset: str, at: datetime) -> None:
    pay_what_is_owed(holder=holder, because=entry, asset=asset, at=at)
    if claim:
        # Not its bare number: the key of a guest's second claim ends in a number, too.
        bring_wallets(claim, why=f"entry-{entry.pk}", at=at)


def _moved(entry: Entry, purpose: Account.Purpose) -> int:
    """Return what the entry moved in accounts of this purpose: a repeated one is told as it was."""
    return sum(
        Leg.objects.filter(entry=entry, account__purpose=purpose).values_list("amount", flat=True)
    )
