from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.events.actions import whisper
from atrium.kit.errors import TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.actions.reopening import open_when_over
from atrium.people.actions.token_families import end_families_of
from atrium.people.attempts import Bound, count, forget
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
    name = User.normalize_username(username)
    theirs = f"sign-in:{sha256(name.encode()).hexdigest()[:32]}"
    within = LIMITS.sign_in_window_seconds
    for bucket, limit in (
        (f"{theirs}:{address}", LIMITS.sign_in_tries_per_name_and_address),
        (f"sign-in:{address}", LIMITS.sign_in_tries_per_address),
        (theirs, LIMITS.sign_in_tries_per_name),
        ("sign-in", LIMITS.sign_in_tries_everywhere),
    ):
        count(bucket, Bound(limit, within), at=at).check(
            TooManyTries, _("Too many tries to sign in.")
        )
    person = User.objects.filter(username=name).first()
    if person is None:
        make_password(password)  # takes as long as looking would
    known = person if person and person.check_password(password) else None
    if known is None or not open_when_over(person=known, at=at):
        raise WrongNameOrPassword(_("This name and password do not go together."))
    forget(f"{theirs}:{address}")
    return known


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
