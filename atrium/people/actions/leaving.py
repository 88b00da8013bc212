"""How an account ends: closed at once, then emptied until only its number is left."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from atrium.events.actions import whisper
from atrium.people.actions.keys import revoke_keys_of
from atrium.people.actions.sign_in import sign_out_everywhere
from atrium.people.actions.standing import LastAdministrator
from atrium.people.models import Guest, ReservedName, User

NAME_RESERVED = timedelta(days=30)
"""So that nobody can be taken for who left."""
_ERASED = "erased-"


def set_leaving(*, person: User, leaves_at: datetime | None) -> None:
    """Say on each page of the person when the account will be erased; None takes it back."""
    User.objects.filter(pk=person.pk).update(leaves_at=leaves_at)


def check_may_leave(*, person: User) -> None:
    """:raises LastAdministrator: nobody would be left to run the house"""
    others = User.objects.filter(role=User.Role.ADMIN, is_active=True).exclude(pk=person.pk)
    if person.is_admin and not others.exists():
        raise LastAdministrator(
            _("You are the last administrator."), way_on=_("Make somebody else one first.")
        )


def close_account(*, person: User, at: datetime) -> None:
    """Let nobody in any more, by session or by key, before the account is erased.

    Note it in the audit list before, which puts two administrators who leave at once in line.

    :raises LastAdministrator: nobody would be left to run the house
    """
    with transaction.atomic():
        check_may_leave(person=User.objects.get(pk=person.pk))
        User.objects.filter(pk=person.pk).update(is_active=False)
        revoke_keys_of(person=person, at=at)
        sign_out_everywhere(person=person, at=at)


def empty_account(*, person: User, at: datetime) -> bool:
    """Take everything out of the account but its number, the role's traces among it.

    The name is kept from others for a while. Doing it again does nothing.
    """
    before = User.objects.filter(pk=person.pk, erased_at=None).first()
    if before is None:
        return False
    with transaction.atomic():
        ReservedName.objects.update_or_create(
            pk=_digest(before.username), defaults={"until": at + NAME_RESERVED}
        )
        empty = User(
            pk=person.pk,
            username=f"{_ERASED}{person.pk.hex}",
            joined_at=before.joined_at,
            is_active=False,
            erased_at=at,
        )
        empty.set_unusable_password()
        empty.save(force_update=True)  # every column there is, those of later releases too
    return True


def empty_guest(*, guest_id: UUID) -> bool:
    """Let a guest's cookie open nothing any more; the number stays for what refers to it."""
    changed = Guest.objects.filter(pk=guest_id).exclude(token_hash__startswith=_ERASED)
    texts = [one for one in Guest._meta.concrete_fields if isinstance(one, CharField)]  # noqa: SLF001
    empty = {one.attname: one.get_default() for one in texts}  # those of later releases too
    gone = bool(changed.update(**empty | {"token_hash": f"{_ERASED}{token_hex(28)}"}))
    if gone:
        whisper(f"guest:{guest_id}", "bye", {})
    return gone


def emptied_guests() -> Q:
    """Guests of whom nothing but the number is left."""
    return Q(token_hash__startswith=_ERASED)


def name_is_reserved(*, username: str, at: datetime) -> bool:
    """Whether the name was that of an account erased lately."""
    return ReservedName.objects.filter(_of_name(username), until__gt=at).exists()


def forget_reserved_names(*, at: datetime) -> None:
    ReservedName.objects.filter(until__lte=at).delete()


def tries_of(person: User) -> Q:
    """The counts of tries that were about this person or under this name."""
    name = sha256(person.username.encode()).hexdigest()[:32]
    return Q(bucket__contains=str(person.pk)) | Q(bucket__startswith=f"sign-in:{name}")


def _of_name(username: str) -> Q:
    name = User.normalize_username(username)
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return Q(pk__in=[_digest(name, secret) for secret in secrets])


def _digest(username: str, secret: str = "") -> str:
    keyed = salted_hmac("people.reserved_name", username, secret=secret or None, algorithm="sha256")
    return keyed.hexdigest()
