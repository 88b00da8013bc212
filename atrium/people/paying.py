"""Whether and when somebody paid: asked of the room that keeps payments, never stored here."""

from collections.abc import Callable
from datetime import datetime

from atrium.people.models import User

LastPayment = Callable[[User], datetime | None]
_found_by: list[LastPayment] = []


def register_payments(last_payment: LastPayment) -> None:
    """Have ``last_payment(person)`` say when the person paid last; None when never."""
    if last_payment not in _found_by:
        _found_by.append(last_payment)


def payment_date_of(person: User) -> datetime | None:
    """Return when the person paid last, by whichever way; None when never."""
    moments = [moment for find in _found_by if (moment := find(person))]
    return max(moments, default=None)
