"""What the house learns about people."""

from dataclasses import dataclass
from uuid import UUID

from atrium.events.registry import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountMade(Event):
    """Somebody has an account from now on, whoever made it; it may have to wait to be opened."""

    person_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDeviceSignedIn(Event):
    """A person signed in with what they have not signed in with lately; ``device`` may be empty."""

    person_id: UUID
    device: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefreshTokenReused(Event):
    """A token that was used up came back, so somebody has a copy; the app was signed out."""

    person_id: UUID
    device: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GuestClaimed(Event):
    """A guest turned out to be this person; their ``Owned`` rows are the person's already."""

    guest_id: UUID
    person_id: UUID
    claim_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GuestExpired(Event):
    """A guest has not been seen for as long as what guests make is kept."""

    guest_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimUndone(Event):
    """The person gave back what they had claimed; the rows are the guest's again already."""

    guest_id: UUID
    person_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountWaits(Event):
    """Somebody made an account that an administrator has to open."""

    person_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class JoiningDecided(Event):
    """An account that waited is open, or will not be opened; ``Joining`` has the sentence."""

    person_id: UUID
    is_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactorTouched(Event):
    """Something became of a person's app, codes or passkeys: ``actions.note_second_factor``."""

    person_id: UUID
    what: str
