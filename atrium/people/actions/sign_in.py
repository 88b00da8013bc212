from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.events.actions import whisper
from atrium.kit.errors import TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.actions.reopening import open_when_over
from atrium.people.actions.token_families import end_families_of
from atrium.people.attempts import Bound, count, count_all, forget
from atrium.people.models import Session, TokenFamily, User

SEEN_AGAIN_AFTER = timedelta(days=1)
Why = TokenFamily.Why


class WrongNameOrPassword(Unprocessable):
    """The same for an unknown name, a wrong password and a closed account."""

    code = "wrong_name_or_password"


class TooManyTries(TooMany):
    code = "too_many_tries"


def recognise(*, username: str, password: str, address: str, at: datetime) -> User:
    """Return the person whose name and password these are, counting the try first.

    :raises WrongNameOrPassword: in the same words and the same time, whatever is wrong
    :raises TooManyTries: before the password is looked at
    :raises Suspended: only to who gave the right password
    """
    tries = Tries(username, address)
    tries.count(at=at)
    person = holder_of(username)
    over = tries.are_spent_for(person, at=at)
    if person is None or over:
        make_password(password)  # takes as long as looking would
    known = person if person and not over and person.check_password(password) else None
    if known is None or not open_when_over(person=known, at=at):
        raise WrongNameOrPassword(_("This name and password do not go together."))
    tries.forget()
    return known


def holder_of(typed: str) -> User | None:
    """Return who has this name, or has confirmed that this mail address is theirs."""
    named = User.objects.filter(username=User.normalize_username(typed)).first()
    if named or "@" not in typed:
        return named
    confirmed = EmailAddress.objects.filter(email=typed.strip().lower(), verified=True)
    address = confirmed.select_related("user").first()
    return cast(User, address.user) if address else None


class Tries:
    """The tries to get in under one name from one network: bounded, whatever the name is."""

    def __init__(self, typed: str, address: str) -> None:
        self._typed = sha256(User.normalize_username(typed).encode()).hexdigest()[:32]
        self._address = address
        self._whose = self._typed

    def count(self, *, at: datetime) -> None:
        """Count one more, by what was typed.

        :raises TooManyTries: when there were more than allowed
        """
        name, within = f"sign-in:{self._typed}", LIMITS.sign_in_window_seconds
        for bucket, limit in (
            (f"{name}:{self._address}", LIMITS.sign_in_tries_per_name_and_address),
            (f"sign-in:{self._address}", LIMITS.sign_in_tries_per_address),
            (name, LIMITS.sign_in_tries_per_name),
            ("sign-in", LIMITS.sign_in_tries_everywhere),
        ):
            counted = count(bucket, Bound(limit, within), at=at)
            counted.check(TooManyTries, _("Too many tries to sign in."))

    def are_spent_for(self, person: User | None, *, at: datetime) -> bool:
        """Count one more for whoever it is, and tell whether their tries are spent.

        Somebody has a name and perhaps addresses, and all of them share the allowed number. It is
        not said aloud, or it would tell which address belongs to which name.
        """
        if person:
            self._whose = str(person.pk)
        within = LIMITS.sign_in_window_seconds
        counted = count_all(
            {
                self._here: Bound(LIMITS.sign_in_tries_per_name_and_address, within),
                f"who:{self._whose}": Bound(LIMITS.sign_in_tries_per_name, within),
            },
            at=at,
        )
        return any(one.is_over for one in counted)

    def forget(self) -> None:
        """Start over, because the last one succeeded."""
        forget(f"sign-in:{self._typed}:{self._address}")
        forget(self._here)

    @property
    def _here(self) -> str:
        return f"who:{self._whose}:{self._address}"


def see_person(*, person: User, at: datetime) -> bool:
    """Note that the person is around; True once a day, when the session is due for renewal."""
    if person.last_seen_at and person.last_seen_at >= at - SEEN_AGAIN_AFTER:
        return False
    return bool(User.objects.filter(pk=person.pk).update(last_seen_at=at))


def end_session(*, session: Session, at: datetime) -> None:
    """Sign one browser out, with the app that signed in by it, and end its event stream."""
    with transaction.atomic():
        TokenFamily.objects.filter(session_hash=session.key_hash).end(why=Why.SIGNED_OUT, at=at)
        Session.objects.filter(pk=session.pk).delete()
        if session.person_id_text:
            whisper(f"person:{session.person_id_text}", "bye", {})


def sign_out_everywhere(
    *,
    person: User,
    except_key_hash: str = "",
    except_family: UUID | None = None,
    why: Why = Why.SIGNED_OUT,
    at: datetime,
) -> int:
    """End the person's sessions in every browser and app, but for those named; return how many."""
    with transaction.atomic():
        apps = end_families_of(
            person=person,
            except_family=except_family,
            except_session=except_key_hash,
            why=why,
            at=at,
        )
        theirs = Session.objects.filter(person_id_text=str(person.pk))
        ended, _by_table = theirs.exclude(key_hash=except_key_hash).delete()
        whisper(f"person:{person.pk}", "bye", {})  # the streams that may stay do
    return ended + apps
