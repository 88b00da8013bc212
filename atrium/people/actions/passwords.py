from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.actions.letters import write_to
from atrium.people.actions.sign_in import sign_out_everywhere
from atrium.people.actions.token_families import give_new_stamp
from atrium.people.attempts import Bound, count
from atrium.people.models import MailedLink, TokenFamily, User


class NotAnAccount(Unprocessable):
    """A name, an address or a password that an account cannot have; ``fields`` says which."""

    code = "not_an_account"


class WrongPassword(Unprocessable):
    code = "wrong_password"


def change_password(
    *, person: User, old: str, new: str, keep_session: str = "", at: datetime
) -> User:
    """Set a new password and sign every other browser out; keys of programs stay.

    Who has none yet (they come in by a provider or a passkey) gives no old one: ask them to prove
    who they are before.

    :param keep_session: the hash of the session that asks, which stays
    """
    bound = Bound(LIMITS.sign_in_tries_per_name_and_address, LIMITS.sign_in_window_seconds)
    count(f"password:{person.pk}", bound, at=at).check(
        TooMany, _("Too many tries to give the present password.")
    )
    if person.has_usable_password() and not person.check_password(old):
        raise WrongPassword(
            _("The present password is not right."), fields={"old": _("Not right.")}
        )
    check_password(new, person=person, field="new")
    put_password(person=person, hashed=make_password(new), keep_session=keep_session, at=at)
    return person


def put_password(*, person: User, hashed: str, keep_session: str = "", at: datetime) -> None:
    """Give the person a password that was checked, whoever let them: in one place for all doors.

    Other browsers are signed out, mailed links to set one end, and the owner is told by mail.

    :param hashed: made before a transaction is opened, since it takes its time
    """
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(password=hashed)
        links = MailedLink.objects.good(at=at).filter(person=person, opens=MailedLink.Opens.RESET)
        links.update(ended_at=at)
        sign_out_everywhere(
            person=person, except_key_hash=keep_session, why=TokenFamily.Why.PASSWORD, at=at
        )
        who = f"person:{person.pk}"
        note("people.password_changed", by=who, about=("person", person.pk), at=at)
        write_to(person=person, letter="password_changed", at=at)
        person.password = hashed
        give_new_stamp(person=person, session_hash=keep_session)


def check_password(password: str, *, person: User, field: str) -> None:
    """Refuse a password that is too long, too short, common, or like the person's name.

    :raises NotAnAccount: with the reason beside ``field``
    """
    if len(password) > LIMITS.password_characters:
        reason = _("At most %(limit)s characters.") % {"limit": LIMITS.password_characters}
        raise NotAnAccount(reason, fields={field: reason})
    try:
        validate_password(password, person)
    except ValidationError as weak:
        reason = " ".join(weak.messages)
        raise NotAnAccount(reason, fields={field: reason}) from None
