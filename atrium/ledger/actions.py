from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from atrium.kit.errors import PaymentNeeded
from atrium.ledger.models import CREDIT, Account, Entry, Hold
from atrium.ledger.posting import PLATFORM, AccountName, Overdrawn, write
from atrium.people.models import Claim

CLAIM = "claim"  # the kind of entries that brought along what a guest could spend


class NotEnough(PaymentNeeded):
    """The account to pay from holds less than the amount."""

    code = "not_enough_credits"


class Move(NamedTuple):
    """One leg to post: ``amount`` into (or, negative, out of) the account of a holder."""

    holder: str
    purpose: Account.Purpose
    amount: int
    asset: str = CREDIT


@transaction.atomic
def post(
    *,
    key: str,
    kind: str,
    legs: Iterable[Move],
    at: datetime,
    about: tuple[str, UUID] | None = None,
) -> Entry:
    """Post the legs together, or not at all; a repeated ``key`` moves nothing.

    The work of one statement (see ``posting``): two posts never wait for each other in a ring.

    :raises NotEnough: if a guarded account would fall below nothing
    """
    moves = _summed(legs)
    about_kind, about_id = about or ("", None)
    try:
        number = write(key=key, kind=kind, about=(about_kind, about_id), moves=moves, at=at)
    except Overdrawn:
        raise _not_enough(moves) from None
    if number is None:
        return Entry.objects.get(key=key)
    told = {"about_kind": about_kind, "about_id": about_id, "posted_at": at}
    return Entry(pk=number, key=key, kind=kind, **told)


@transaction.atomic
def hold(
    *,
    key: str,
    holder: str,
    amount: int,
    at: datetime,
    deadline: datetime,
    upstream_key: str = "",
    asset: str = CREDIT,
) -> Hold:
    """Set ``amount`` aside from the holder's wallet; a repeated ``key`` returns the first hold.

    :raises NotEnough: if the wallet holds less
    """
    held, is_new = Hold.objects.get_or_create(
        key=key,
        defaults={
            "holder": holder,
            "asset": asset,
            "amount": amount,
            "upstream_key": upstream_key,
            "made_at": at,
            "deadline_at": deadline,
        },
    )
    if is_new and amount:
        post(
            key=f"hold:{held.pk}",
            kind="hold",
            legs=[
                Move(holder, Account.Purpose.WALLET, -amount, asset),
                Move(holder, Account.Purpose.HELD, amount, asset),
            ],
            about=("hold", held.pk),
            at=at,
        )
    return held


@transaction.atomic
def settle(*, held: Hold, amount: int, at: datetime) -> Hold:
    """Charge ``amount``, never more than was held, and give the rest back; only the first time."""
    amount = max(0, min(amount, held.amount))
    if _end(held, Hold.State.SETTLED, at=at, settled_amount=amount) and held.amount:
        rest = held.amount - amount
        post(
            key=f"settle:{held.pk}",
            kind="settle",
            legs=[
                Move(held.holder, Account.Purpose.HELD, -held.amount, held.asset),
                Move(held.holder, Account.Purpose.WALLET, rest, held.asset),
                Move(PLATFORM, Account.Purpose.REVENUE, amount, held.asset),
            ],
            about=("hold", held.pk),
            at=at,
        )
        _follow_claim(held, at=at)
    held.refresh_from_db()
    return held


@transaction.atomic
def release(*, held: Hold, at: datetime) -> Hold:
    """Give back all that was held; a hold that ended already stays as it is."""
    if _end(held, Hold.State.RELEASED, at=at, settled_amount=0) and held.amount:
        post(
            key=f"release:{held.pk}",
            kind="release",
            legs=[
                Move(held.holder, Account.Purpose.HELD, -held.amount, held.asset),
                Move(held.holder, Account.Purpose.WALLET, held.amount, held.asset),
            ],
            about=("hold", held.pk),
            at=at,
        )
        _follow_claim(held, at=at)
    held.refresh_from_db()
    return held


def bring_wallets(claim: Claim, *, why: str = "", at: datetime) -> None:
    """Post what the guest may spend to who claimed them; ``why`` tells further entries apart."""
    guest, person = f"guest:{claim.guest_id}", f"person:{claim.person_id}"
    wallets = Account.objects.filter(holder=guest, purpose=Account.Purpose.WALLET, balance__gt=0)
    with transaction.atomic():
        wallets.update(balance=F("balance"))  # held, so that nothing is spent before the post
        legs = [
            move
            for wallet in wallets
            for move in (
                Move(guest, Account.Purpose.WALLET, -(wallet.balance or 0), wallet.asset),
                Move(person, Account.Purpose.WALLET, wallet.balance or 0, wallet.asset),
            )
        ]
        if legs:
            key = f"{claim_key(claim)}:{why}" if why else claim_key(claim)
            post(key=key, kind=CLAIM, legs=legs, about=(CLAIM, claim.pk), at=at)


def claim_key(claim: Claim) -> str:
    again = f":{claim.number}" if claim.number > 1 else ""
    return f"claim:{claim.guest_id}{again}"


def _follow_claim(held: Hold, *, at: datetime) -> None:
    """Pass on what came back to a guest whom somebody has claimed since it was set aside."""
    kind, _colon, guest = held.holder.partition(":")
    if kind != "guest":
        return
    standing = Claim.objects.standing().filter(guest_id=guest)
    standing.update(number=F("number"))  # held, so that an undo sees what we add to it
    if claim := standing.first():
        bring_wallets(claim, why=str(held.pk), at=at)


def _end(held: Hold, state: Hold.State, *, at: datetime, settled_amount: int) -> bool:
    still_held = Hold.objects.filter(pk=held.pk, state=Hold.State.HELD)
    return bool(still_held.update(state=state, ended_at=at, settled_amount=settled_amount))


def _summed(legs: Iterable[Move]) -> dict[AccountName, int]:
    """Add up legs on one account, drop the empty ones, and insist that each asset balances."""
    moves: dict[AccountName, int] = defaultdict(int)
    per_asset: dict[str, int] = defaultdict(int)
    for leg in legs:
        moves[leg.holder, leg.purpose, leg.asset] += leg.amount
        per_asset[leg.asset] += leg.amount
    assert not any(per_asset.values()), f"the legs do not balance: {dict(per_asset)}"
    return {account: amount for account, amount in moves.items() if amount}


def _not_enough(moves: dict[AccountName, int]) -> NotEnough:
    """Say what the first account that is too empty has, and what was asked of it."""
    have = amount = 0
    for (holder, purpose, asset), amount in sorted(moves.items()):
        named = Account.objects.filter(holder=holder, purpose=purpose, asset=asset)
        have = named.values_list("balance", flat=True).first() or 0
        if holder != PLATFORM and have + amount < 0:
            break
    return NotEnough(
        _("There are not enough credits for this."),
        limit=have,
        used=-amount,
        way_on=_("Buy credits, or choose something smaller."),
    )
