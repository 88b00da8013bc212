"""Who is asking: a person, a guest, or nobody yet."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from atrium.people.models import ApiKey, Guest, TokenFamily, User


@dataclass(frozen=True, slots=True)
class Caller:
    """One of ``person`` and ``guest``, or neither.

    ``key`` or ``app`` when a program asks for the person: by a key within its scopes, or signed in
    as the person with tokens of its own.
    """

    person: "User | None" = None
    guest: "Guest | None" = None
    key: "ApiKey | None" = field(default=None, compare=False)
    app: "TokenFamily | None" = field(default=None, compare=False)

    @property
    def is_nobody(self) -> bool:
        return self.person is None and self.guest is None

    @property
    def is_member(self) -> bool:
        return self.person is not None

    @property
    def is_program(self) -> bool:
        """Whether what was sent along was sent on purpose, and not by a browser of itself."""
        return self.key is not None or self.app is not None

    @property
    def is_admin(self) -> bool:
        return self.person is not None and self.person.is_admin

    def is_staff_of(self, area: str) -> bool:
        """Whether this is an administrator, or staff with the named area."""
        return self.person is not None and self.person.is_staff_of(area)

    def has_scope(self, scope: str) -> bool:
        """Whether the key, if one is used, was given ``scope``; else everything is allowed."""
        return self.key is None or scope in self.key.scopes

    @property
    def id(self) -> UUID | None:
        owner = self.person or self.guest
        return owner.pk if owner else None

    @property
    def audience(self) -> str:
        """The name of this caller's stream and turn in the queue: ``person:…`` or ``guest:…``."""
        if self.person:
            return f"person:{self.person.pk}"
        return f"guest:{self.guest.pk}" if self.guest else ""

    def as_owner(self) -> dict[str, Any]:
        """Return the fields that make a new ``Owned`` row this caller's."""
        return {"person": self.person, "guest": None if self.person else self.guest}


NOBODY = Caller()
