from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import F

from atrium.ledger.actions.entries import Move, pay_what_is_owed, post
from atrium.ledger.models import Account
from atrium.people.models import Claim

CLAIM = "claim"  # the kind of entries that brought along what a guest could spend, or owes


def bring_wallets(claim: Claim, *, why: str = "", at: datetime) -> None:
    """Post what the guest may spend, and owes, to who claimed them.

    ``why`` tells further entries of one claim apart.
    """
    guest, person = f"guest:{claim.guest_id}", f"person:{claim.person_id}"
    with transaction.atomic():
        legs = [move for account in _to_bring(guest) for move in _moves(account, person)]
        if legs:
            key = f"{claim_key(claim)}:{why}" if why else claim_key(claim)
            entry = post(key=key, kind=CLAIM, legs=legs, about=(CLAIM, claim.pk), at=at)
            for asset in {leg.asset for leg in legs}:
                pay_what_is_owed(holder=person, because=entry, asset=asset, at=at)


def claim_key(claim: Claim) -> str:
    again = f":{claim.number}" if claim.number > 1 else ""
    return f"claim:{claim.guest_id}{again}"


def standing_claim(holder: str) -> Claim | None:
    """Return the claim of a guest whom somebody claimed, held so that an undo waits for us.

    Always asked before any account is touched: an undo, too, takes the claim first.
    """
    kind, _colon, guest = holder.partition(":")
    if kind != "guest":
        return None
    standing = Claim.objects.standing().filter(guest_id=guest)
    standing.update(number=F("number"))
    return standing.first()


def whose(holder: str) -> str:
    """Return who answers for the holder's account: for a guest, who claimed them."""
    claim = standing_claim(holder)
    return f"person:{claim.person_id}" if claim else holder


def _to_bring(guest: str) -> Iterator[Account]:
    # Wallets are held before anything is read, so that nothing is spent or owed before the post.
    Account.objects.filter(holder=guest, purpose=Account.Purpose.WALLET).update(
        balance=F("balance")
    )
    moving = (Account.Purpose.WALLET, Account.Purpose.DEBT)
    yield from Account.objects.filter(holder=guest, purpose__in=moving).exclude(balance=0)


def _moves(account: Account, person: str) -> tuple[Move, Move]:
    purpose, amount = Account.Purpose(account.purpose), account.balance or 0
    return (
        Move(account.holder, purpose, -amount, account.asset),
        Move(person, purpose, amount, account.asset),
    )
