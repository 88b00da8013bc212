from datetime import datetime

from atrium.kit.credits import MICRO
from atrium.ledger import actions as ledger
from atrium.options.queries import value
from atrium.people.models import User


def give_start_credits(*, person: User, at: datetime) -> int:
    """Give a new account what the operator gives everybody, once; return the micro-credits.

    The key is the account, so neither a claim nor its undoing brings them again.
    """
    amount: int = value("credits.start") * MICRO
    if amount:
        ledger.grant(
            holder=f"person:{person.pk}",
            amount=amount,
            key=f"start:{person.pk}",
            kind="start",
            at=at,
        )
    return amount
