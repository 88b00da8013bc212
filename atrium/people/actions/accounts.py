from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.actions.joining import Welcome, check_may_join, check_terms, join
from atrium.people.actions.sign_in import sign_out_everywhere
from atrium.people.actions.token_families import give_new_stamp
from atrium.people.attempts import Bound, count
from atrium.people.models import TokenFamily, User
from atrium.people.zones import zones
from atrium.web.address import region


class NameTaken(Conflict):
    code = "name_taken"


class NotAnAccount(Unprocessable):
    """A name, an address or a password that an account cannot have; ``fields`` says which."""

    code = "not_an_account"


class TooManySignUps(TooMany):
    code = "too_many_sign_ups"


class WrongPassword(Unprocessable):
    code = "wrong_password"


def sign_up(
    *,
    username: str,
    password: str | None,
    email: str = "",
    address: str = "",
    welcome: Welcome | None = None,
    terms: Iterable[UUID] = (),
    at: datetime,
) -> User:
    """Make an account for whoever asks; what a guest made comes along as they are let in.

    Without a password for whom a provider vouches: they come in by that provider.

    :param welcome: what ``check_may_join`` said; asked here, when left out
    :param terms: the versions of the terms that the person agreed to
    :raises NameTaken: when somebody has the name already
    :raises NotAnAccount: with the field and the reason
    :raises SignUpClosed: or another reason of ``check_may_join``
    :raises TermsNotAccepted: something in force is not among ``terms``
    """
    welcome = welcome or check_may_join(email=email, at=at)
    agreed = list(terms)
    check_terms(agreed)
    count_sign_up(address=address, at=at)
    with transaction.atomic():
        person = _make(username=username, password=password, email=email, at=at)
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
    """Make an account for somebody else, with a role; ``by`` is an audience or ``console:…``."""
    areas = sorted(set(staff_areas))
    unknown = [area for area in areas if area not in User.STAFF_AREAS]
    if unknown:
        raise NotAnAccount(
            _("Staff areas are: %(areas)s.") % {"areas": ", ".join(User.STAFF_AREAS)},
            fields={"staff_areas": ", ".join(unknown)},
        )
    with transaction.atomic():
        person = _make(
            username=username,
            password=password,
            email=email,
            at=at,
            role=role,
            staff_areas=areas,
        )
        detail = {"role": role, "staff_areas": areas}
        note("people.account_created", by=by, about=("person", person.pk), detail=detail, at=at)
    return person


def change_password(
    *, person: User, old: str, new: str, keep_session: str = "", at: datetime
) -> User:
    """Set a new password and sign every other browser out; keys of programs stay.

    :param keep_session: the hash of the session that asks, which stays
    """
    bound = Bound(LIMITS.sign_in_tries_per_name_and_address, LIMITS.sign_in_window_seconds)
    count(f"password:{person.pk}", bound, at=at).check(
        TooMany, _("Too many tries to give the present password.")
    )
    if not person.check_password(old):
        raise WrongPassword(
            _("The present password is not right."), fields={"old": _("Not right.")}
        )
    _check_password(new, person, field="new")
    with transaction.atomic():
        person.set_password(new)
        person.save(update_fields=["password"])
        sign_out_everywhere(
            person=person, except_key_hash=keep_session, why=TokenFamily.Why.PASSWORD, at=at
        )
        give_new_stamp(person=person, session_hash=keep_session)
        note("people.password_changed", by=_name(person), about=("person", person.pk), at=at)
    return person


def change_profile(*, person: User, at: datetime, **changes: str) -> User:
    """Change fields by name: ``display_name bio email language theme time_zone``, and no others."""
    allowed = {"display_name", "bio", "email", "language", "theme", "time_zone"}
    if unknown := set(changes) - allowed:
        raise TypeError(f"A profile has no {', '.join(sorted(unknown))}.")
    if "email" in changes:
        changes["email"] = changes["email"].strip().lower()
    wanted = {name: value for name, value in changes.items() if getattr(person, name) != value}
    if not wanted:
        return person
    _check_choices(wanted)
    if wanted.get("email"):
        _count_email_change(person, at=at)
    for name, value in wanted.items():
        setattr(person, name, value)
    _clean(person, only=set(wanted))
    try:
        with transaction.atomic():
            person.save(update_fields=list(wanted))
    except IntegrityError:
        person.refresh_from_db()
        raise NotAnAccount(
            _("This mail address cannot be used here."),
            fields={"email": _("Cannot be used here.")},
        ) from None
    return person


def _count_email_change(person: User, *, at: datetime) -> None:
    # Saying addresses one after another would tell which of them have an account.
    bound = Bound(LIMITS.email_changes_a_day, 86_400)
    count(f"email:{person.pk}", bound, at=at).check(
        TooMany, _("You changed your mail address often today.")
    )


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


def _make(*, username: str, password: str | None, email: str, at: datetime, **more: Any) -> User:
    person = User(
        username=User.normalize_username(username),
        email=email.strip().lower(),
        joined_at=at,
        last_seen_at=at,
        **more,
    )
    typed = username.strip()
    person.display_name = typed if typed != person.username else ""
    _clean(person, only={"username", "email", "display_name"})
    if password is not None:
        _check_password(password, person, field="password")
    person.set_password(password)  # None is one that nobody can give
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise _taken(person) from None
    return person


def _taken(person: User) -> Conflict | Unprocessable:
    if User.objects.filter(username=person.username).exists():
        reason = _("This name is taken.")
        return NameTaken(reason, fields={"username": reason})
    reason = _("This mail address cannot be used here.")
    return NotAnAccount(reason, fields={"email": reason})


def _clean(person: User, *, only: set[str]) -> None:
    every = {field.name for field in User._meta.fields}  # noqa: SLF001
    try:
        person.clean_fields(exclude=every - only)
    except ValidationError as wrong:
        fields = {name: " ".join(said) for name, said in wrong.message_dict.items()}
        raise NotAnAccount(" ".join(fields.values()), fields=fields) from None


def _check_password(password: str, person: User, *, field: str) -> None:
    if len(password) > LIMITS.password_characters:
        reason = _("At most %(limit)s characters.") % {"limit": LIMITS.password_characters}
        raise NotAnAccount(reason, fields={field: reason})
    try:
        validate_password(password, person)
    except ValidationError as weak:
        reason = " ".join(weak.messages)
        raise NotAnAccount(reason, fields={field: reason}) from None


def _name(person: User) -> str:
    return f"person:{person.pk}"
