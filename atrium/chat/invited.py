"""Which chats somebody is asked into, and whom an owner means by a name or an address."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from atrium.chat.models import Chat, Collaborator
from atrium.moderation.access import without_blocked
from atrium.people.caller import Caller
from atrium.people.models import User


def invitations_of(caller: Caller) -> "QuerySet[Collaborator]":
    """Invitations that the caller may answer, the latest first: by name, or to an address that
    they confirmed.

    None between two of whom one blocks the other, and none into a chat that lies in the trash.
    """
    if caller.person is None:
        return Collaborator.objects.none()
    meant = Q(person=caller.person) | Q(person=None, asked_for__in=_addresses_of(caller.person))
    waiting = Collaborator.objects.select_related("chat__person", "added_by").filter(
        meant, state=Collaborator.State.INVITED, chat__deleted_at=None
    )
    others = waiting.exclude(chat__person=caller.person).exclude(chat__person=None)
    return without_blocked(others, caller, column="chat__person").order_by("-added_at", "-id")


def invitation_of(caller: Caller, collaborator_id: UUID) -> Collaborator | None:
    """The invitation with this id, if the caller may answer it."""
    return invitations_of(caller).filter(pk=collaborator_id).first()


def whom(asked_for: str) -> User | None:
    """Return who has this name, or who confirmed this address, if anybody has."""
    people = User.objects.filter(is_active=True, erased_at=None)
    if "@" not in asked_for:
        return people.filter(username=asked_for).first()
    confirmed = EmailAddress.objects.filter(email__iexact=asked_for, verified=True)
    return people.filter(pk__in=confirmed.values("user")).first()


def collaborator_of(caller: Caller, collaborator_id: UUID) -> Collaborator | None:
    """The row with this id in one of the caller's own chats."""
    own = Chat.objects.of(caller).kept()
    rows = Collaborator.objects.select_related("chat", "person").filter(chat__in=own)
    return rows.filter(pk=collaborator_id).first()


def is_of(person: User, asked_for: str) -> bool:
    """Whether a name or an address is this person's own."""
    return asked_for == person.username or asked_for in _addresses_of(person)


def people_in(chat: Chat) -> "QuerySet[Collaborator]":
    """Who takes part in the chat beside its owner, and, for the owner, who was asked."""
    rows = chat.collaborators.select_related("person", "added_by").order_by("added_at", "id")
    return rows.standing() if chat.is_own else rows.taking_part()


def _addresses_of(person: User) -> list[str]:
    mine = EmailAddress.objects.filter(user=person, verified=True)
    return [address.lower() for address in mine.values_list("email", flat=True)]
