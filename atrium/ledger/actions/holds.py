from datetime import datetime

from django.db import transaction

from atrium.ledger.actions.claims import bring_wallets, standing_claim
from atrium.ledger.actions.entries import Move, check_amount, pay_what_is_owed, post
from atrium.ledger.guard import insist_books_agree
from atrium.ledger.models import CREDIT, Account, Entry, Hold
from atrium.ledger.posting import PLATFORM
from atrium.people.models import Claim


@transaction.atomic
def hold(
    *,
    key: str,
    holder: str,
    amount: int,
    at: datetime,
    deadline: datetime,
    kind: str = "",
    price: dict[str, int] | None = None,
    upstream_key: str = "",
    asset: str = CREDIT,
) -> Hold:
    """Set ``amount`` aside from the holder's wallet; a repeated ``key`` returns the first hold.

    ``kind`` names who is asked about it when nobody ended it by its deadline (see ``orphans``);
    ``price`` keeps the prices of this moment.

    :raises NotEnough: if the wallet holds less
    :raises BooksDisagree: while nothing may be charged
    :raises BadAmount: when it is below nothing or over the bound
    """
    if amount:
        check_amount(amount, asset=asset)
        insist_books_agree()
    held, is_new = Hold.objects.get_or_create(
        key=key,
        defaults={
            "holder": holder,
            "asset": asset,
            "amount": amount,
            "kind": kind,
            "price": price or {},
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
    claim = standing_claim(held.holder)
    if _end(held, Hold.State.SETTLED, at=at, settled_amount=amount) and held.amount:
        rest = held.amount - amount
        entry = post(
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
        _give_on(held, claim, entry, at=at)
    held.refresh_from_db()
    return held


@transaction.atomic
def release(*, held: Hold, at: datetime) -> Hold:
    """Give back all that was held; a hold that ended already stays as it is."""
    claim = standing_claim(held.holder)
    if _end(held, Hold.State.RELEASED, at=at, settled_amount=0) and held.amount:
        entry = post(
            key=f"release:{held.pk}",
            kind="release",
            legs=[
                Move(held.holder, Account.Purpose.HELD, -held.amount, held.asset),
                Move(held.holder, Account.Purpose.WALLET, held.amount, held.asset),
            ],
            about=("hold", held.pk),
            at=at,
        )
        _give_on(held, claim, entry, at=at)
    held.refresh_from_db()
    return held


def _give_on(held: Hold, claim: Claim | None, entry: Entry, *, at: datetime) -> None:
    """Let what came back pay a debt first, or follow a guest whom somebody claimed meanwhile."""
    pay_what_is_owed(holder=held.holder, because=entry, asset=held.asset, at=at)
    if claim:
        bring_wallets(claim, why=str(held.pk), at=at)


def _end(held: Hold, state: Hold.State, *, at: datetime, settled_amount: int) -> bool:
    still_held = Hold.objects.filter(pk=held.pk, state=Hold.State.HELD)
    return bool(still_held.update(state=state, ended_at=at, settled_amount=settled_amount))
