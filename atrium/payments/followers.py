"""Who does something of their own when a payment changes: receipts, above all.

A follower runs inside the transaction that learns of the change, after the purpose has given or
taken back, each call once; what it raises undoes the change. It calls nothing over the network.
"""

from datetime import datetime

from atrium.payments.models import Payment
from atrium.payments.purposes import Returned
from atrium.payments.states import State


class Follower:
    """Override what concerns you."""

    def fulfilled(self, payment: Payment, *, at: datetime) -> None:
        """Called once for a payment, when it is paid and was given."""

    def returned(self, payment: Payment, returned: Returned, *, at: datetime) -> None:
        """Called with each change of how much went back."""

    def changed(self, payment: Payment, before: State, *, at: datetime) -> None:
        """Called when the payment stands otherwise than ``before``."""

    def disputed(self, payment: Payment, *, at: datetime) -> None:
        """Called when a dispute begins."""

    def marked(self, payment: Payment, *, at: datetime) -> None:
        """Called when what a gateway says does not fit our order, and somebody has to look."""


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Have ``follower`` told, after those that came before it."""
    if follower not in _followers:
        _followers.append(follower)


def every_follower() -> list[Follower]:
    return list(_followers)


def forget(follower: Follower) -> None:
    """Tell ``follower`` no more."""
    _followers.remove(follower)
