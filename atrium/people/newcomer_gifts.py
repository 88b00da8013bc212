"""What an operator can give an account as it is made: the rooms that keep such things say how."""

from datetime import datetime
from typing import Protocol

from atrium.people.models import User


class Give(Protocol):
    def __call__(self, *, person: User, told: str, by: str, at: datetime) -> None:
        """Give what ``told`` names, in the transaction that makes the account.

        :raises Refusal: when there is no such thing; then no account is made
        """


_gifts: dict[str, Give] = {}


def register(name: str, give: Give) -> None:
    """Have ``account create --<name>`` give it."""
    _gifts[name] = give


def give(name: str, *, person: User, told: str, by: str, at: datetime) -> None:
    _gifts[name](person=person, told=told, by=by, at=at)
