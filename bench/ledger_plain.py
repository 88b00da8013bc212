"""A post as plain Django does it, with the same rows: what ours is measured and tested beside."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from atrium.ledger.models import FULLEST, Account, Entry, Leg
from atrium.ledger.posting import AccountName, Overdrawn, Overfull, is_platform


def write(
    *,
    key: str,
    kind: str,
    about: tuple[str, UUID | None],
    moves: Mapping[AccountName, int],
    at: datetime,
) -> int | None:
    """Do what ``atrium.ledger.posting.write`` does, row by row through the ORM."""
    try:
        with transaction.atomic():
            entry = Entry.objects.create(
                key=key, kind=kind, about_kind=about[0], about_id=about[1], posted_at=at
            )
            accounts = _accounts(moves)
            for name, account in accounts.items():
                if account.balance is not None:
                    account.balance = _changed(account, moves[name])
                    account.save(update_fields=["balance"])
            Leg.objects.bulk_create(
                Leg(entry=entry, account=accounts[name], amount=amount)
                for name, amount in moves.items()
            )
    except IntegrityError:
        if Entry.objects.filter(key=key).exists():
            return None
        raise
    return int(entry.pk)


def _accounts(moves: Mapping[AccountName, int]) -> dict[AccountName, Account]:
    named = Q()
    for holder, purpose, asset in moves:
        named |= Q(holder=holder, purpose=purpose, asset=asset)
    if not moves:
        return {}
    found = Account.objects.select_for_update().filter(named).order_by("pk")
    accounts = {(one.holder, one.purpose, one.asset): one for one in found}
    for name in moves:
        if name not in accounts:
            holder, purpose, asset = name
            balance = None if is_platform(holder) else 0
            accounts[name] = Account.objects.create(
                holder=holder, purpose=purpose, asset=asset, balance=balance
            )
    return accounts


def _changed(account: Account, amount: int) -> int:
    rest = (account.balance or 0) + amount
    if rest > 0 if account.purpose == Account.Purpose.DEBT else rest < 0:
        raise Overdrawn
    if abs(rest) > FULLEST:
        raise Overfull
    return rest
