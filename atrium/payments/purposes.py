"""What people can pay for: each room registers what it gives, and how it takes that back.

Every method runs inside the transaction that learns of the payment's new state, each effect once.
It must not call anything over the network. What it posts to the ledger is keyed by
``payment.effect_key``, which is new with every change, and a word of its own: one change may both
fulfil and reverse.
"""

from datetime import datetime
from typing import ClassVar, NamedTuple

from django.utils.functional import Promise

from atrium.payments.models import Payment


class Returned(NamedTuple):
    """How much of the money had gone back before, and has by now, in minor units.

    Less than before when a refund failed after it had succeeded: then something is given again.
    """

    before: int
    now: int


class Purpose:
    """One kind of thing that is paid for."""

    kind: ClassVar[str]
    title: ClassVar[str | Promise]

    def fulfil(self, payment: Payment, *, at: datetime) -> None:
        """Give what was paid for."""
        raise NotImplementedError

    def reverse(self, payment: Payment, returned: Returned, *, at: datetime) -> None:
        """Take back in proportion to the money that went back, or give again."""
        raise NotImplementedError

    def freeze(self, payment: Payment, *, at: datetime) -> None:
        """Set aside what is left of it, while the payment is disputed."""

    def thaw(self, payment: Payment, *, at: datetime) -> None:
        """Make what was set aside usable again; what is lost is reversed right after this."""

    def drop(self, payment: Payment, *, at: datetime) -> None:
        """Let go of what was kept for it: it failed or was cancelled. It may still be paid late."""

    def tells_of_failure(self, payment: Payment) -> bool:
        """Whether the room itself tells the person that this payment failed."""
        return False

    def again(self, payment: Payment) -> str:
        """Return the path where the same can be chosen again, or nothing."""
        return ""

    def given(self, payment: Payment) -> str:
        """Say what was got for it, in a sentence; asked when it is shown, outside of learning."""
        return ""


_purposes: dict[str, Purpose] = {}


def register(purpose: Purpose) -> None:
    """Let payments be opened for it."""
    _purposes[purpose.kind] = purpose


def purpose_of(payment: Payment) -> Purpose:
    return _purposes[payment.purpose]


def kinds() -> dict[str, str | Promise]:
    """Return the purposes by their kinds, with their titles."""
    return {kind: purpose.title for kind, purpose in _purposes.items()}


def forget(kind: str) -> None:
    """Let no payment of this kind be opened any more."""
    _purposes.pop(kind, None)
