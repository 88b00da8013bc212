from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.events.registry import record
from atrium.kit.errors import Conflict, TooMany
from atrium.kit.limits import LIMITS
from atrium.people.actions.joining import Welcome, check_may_join, check_terms, join
from atrium.people.actions.leaving import name_is_reserved
from atrium.people.actions.mail_addresses import take_address
from atrium.people.actions.passwords import NotAnAccount, check_password
from atrium.people.attempts import Bound, count
from atrium.people.events import AccountMade
from atrium.people.models import User
from atrium.people.zones import zones
from atrium.web.address import region

_PROFILE = {"display_name", "bio", "language", "theme", "time_zone"}


class NameTaken(Conflict):
    code = "name_taken"


class TooManySignUps(TooMany):
    code = "too_many_sign_ups"


def sign_up(
    *,
    username: str,
    password: str | None,
    email: str = "",
    email_is_verified: bool = False,
    language: str = "",
    address: str = "",
    welcome: Welcome | None = None,
    terms: Iterable[UUID] = (),
    at: datetime,
) -> User:
    """Make an account for whoever asks; what a guest made comes along as they are let in.

    Without a password for whom a provider vouches: they come in by that provider. The mail address
    counts once it is confirmed, unless somebody to be trusted says that it is theirs.

    :param welcome: what ``check_may_join`` said; asked here, when left out
    :param terms: the versions of the terms that the person agreed to
    :raises NameTaken: when somebody has the name already
    :raises NotAnAccount: with the field and the reason
    :raises SignUpClosed: or another reason of ``check_may_join``
    :raises TermsNotAccepted: something in force is not among ``terms``
    """
    welcome = welcome or check_may_join(email=email, is_confirmed=email_is_verified, at=at)
    agreed = list(terms)
    check_terms(agreed)
    count_sign_up(address=address, at=at)
    person = _new(username=username, password=password, at=at)
    with transaction.atomic():
        _insert(person, at=at)
        if email:
            take_address(
                person=person,
                email=email,
                is_verified=email_is_verified,
                language=language,
                at=at,
            )
        join(person, welcome=welcome, terms=agreed, region=region(address), at=at)
        note("people.signed_up", by=_name(person), about=("person", person.pk), at=at)
    return person


def count_sign_up(*, address: str, at: datetime) -> None:
    """Count one more account from this network.

    :raises TooManySignUps: when there were many within the hour
    """
    if not address:
        return
    bound = Bound(LIMITS.sign_ups_per_address_an_hour, 3600)
    count(f"sign-up:{address}", bound, at=at).check(
        TooManySignUps,
        _("Many accounts were made from your network just now."),
        way_on=_("Sign in, if you have an account."),
    )


def create_account(
    *,
    username: str,
    password: str,
    email: str = "",
    role: str = User.Role.USER,
    staff_areas: Iterable[str] = (),
    by: str,
    at: datetime,
) -> User:
    """Make an account for somebody else, with a role; ``by`` is an audience or ``console:…``.

    Whoever makes it vouches for the mail address.
    """
    areas = sorted(set(staff_areas))
    unknown = [area for area in areas if area not in User.STAFF_AREAS]
    if unknown:
        raise NotAnAccount(
            _("Staff areas are: %(areas)s.") % {"areas": ", ".join(User.STAFF_AREAS)},
            fields={"staff_areas": ", ".join(unknown)},
        )
    told = {"role": role, "staff_areas": areas}
    person = _new(username=username, password=password, at=at, **told)
    with transaction.atomic():
        _insert(person, at=at)
        if email:
            take_address(person=person, email=email, is_verified=True, at=at)
        note("people.account_created", by=by, about=("person", person.pk), detail=told, at=at)
    return person


def change_profile(*, person: User, at: datetime, **changes: str) -> User:
    """Change fields by name: ``display_name bio language theme time_zone``, and no others."""
    if unknown := set(changes) - _PROFILE:
        raise TypeError(f"A profile has no {', '.join(sorted(unknown))}.")
    wanted = {name: value for name, value in changes.items() if getattr(person, name) != value}
    if not wanted:
        return person
    _check_choices(wanted)
    for name, value in wanted.items():
        setattr(person, name, value)
    _clean(person, only=set(wanted))
    person.save(update_fields=list(wanted))
    return person


def _check_choices(wanted: dict[str, str]) -> None:
    known = {
        "language": {"", *(code for code, _name in settings.LANGUAGES)},
        "theme": set(User.Theme.values),
        "time_zone": {"", *zones()},
    }
    for name, choices in known.items():
        if name in wanted and wanted[name] not in choices:
            reason = _("Not one of the choices.")
            raise NotAnAccount(reason, fields={name: reason})


def _new(*, username: str, password: str | None, at: datetime, **more: Any) -> User:
    """Return a person who is not stored yet.

    Apart from the storing: a password takes its time to hash, and nobody else writes meanwhile.
    """
    person = User(
        username=User.normalize_username(username),
        joined_at=at,
        last_seen_at=at,
        **more,
    )
    typed = username.strip()
    person.display_name = typed if typed != person.username else ""
    _clean(person, only={"username", "display_name"})
    _refuse_addresses(person.username)
    if password is not None:
        check_password(password, person=person, field="password")
    person.set_password(password)  # None is one that nobody can give
    return person


def _insert(person: User, *, at: datetime) -> None:
    reason = _("This name is taken.")
    if name_is_reserved(username=person.username, at=at):
        raise NameTaken(reason, fields={"username": reason})
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise NameTaken(reason, fields={"username": reason}) from None
    record(AccountMade(person_id=person.pk), at=at)


def _refuse_addresses(name: str) -> None:
    """Keep anybody from taking somebody's mail address for a name: one signs in with either."""
    try:
        validate_email(name)
    except ValidationError:
        return
    reason = _("A mail address cannot be a name.")
    raise NotAnAccount(reason, fields={"username": reason})


def _clean(person: User, *, only: set[str]) -> None:
    every = {field.name for field in User._meta.fields}  # noqa: SLF001
    try:
        person.clean_fields(exclude=every - only)
    except ValidationError as wrong:
        fields = {name: " ".join(said) for name, said in wrong.message_dict.items()}
        raise NotAnAccount(" ".join(fields.values()), fields=fields) from None


def _name(person: User) -> str:
    return f"person:{person.pk}"
