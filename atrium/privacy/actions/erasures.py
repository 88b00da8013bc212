from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit.errors import Conflict
from atrium.notifications.actions import notify
from atrium.options.queries import value
from atrium.people.actions.leaving import (
    check_may_leave,
    close_account,
    empty_guest,
    set_leaving,
)
from atrium.people.actions.standing import LastAdministrator
from atrium.people.models import Guest, User
from atrium.privacy.models import Erasure

# Requests that were let in before the account was closed have ended by then.
_BEGIN_AFTER = timedelta(minutes=1)
# And whatever was still on its way has arrived by then, and goes too.
_AGAIN_AFTER = timedelta(minutes=20)
_AT_ONCE = 50
JOB = "privacy.erase"


class AlreadyErasing(Conflict):
    """It has begun, and cannot be stopped."""

    code = "already_erasing"


def ask_erasure(
    *, person: User, by: str = "", reason: str = "", at_once: bool = False, at: datetime
) -> Erasure:
    """Have the account erased once the time to think is over; asking again changes nothing.

    :param by: who asks, when it is not the person
    :raises LastAdministrator: nobody would be left to run the house
    """
    check_may_leave(person=person)
    due = at if at_once else at + timedelta(days=int(value("privacy.grace_days")))
    asked_by = by or f"person:{person.pk}"
    try:
        with transaction.atomic():
            erasure = Erasure.objects.create(
                person=person, asked_by=asked_by, reason=reason[:300], asked_at=at, due_at=due
            )
            set_leaving(person=person, leaves_at=due)
            notify(
                person=person,
                kind="privacy.erasure_asked",
                params={"due": due.isoformat(), "reason": reason[:300]},
                url="/settings/data",
                at=at,
            )
            note(
                "privacy.erasure_asked",
                by=asked_by,
                about=("person", person.pk),
                detail={"due": due.isoformat()},
                at=at,
            )
    except IntegrityError:
        return Erasure.objects.standing().get(person=person)
    if due <= at:
        begin_erasure(erasure=erasure, at=at)
        erasure.refresh_from_db()
    return erasure


def keep_account(*, person: User, by: str = "", at: datetime) -> bool:
    """Call the erasure off; False when none was asked for.

    :raises AlreadyErasing: when it has begun
    """
    standing = Erasure.objects.standing().filter(person=person)
    with transaction.atomic():
        asked = standing.filter(state=Erasure.State.ASKED)
        if not asked.update(state=Erasure.State.KEPT, ended_at=at):
            if standing.exists():
                raise AlreadyErasing(_("It has begun and cannot be stopped any more."))
            return False
        _tell_kept(person, by=by or f"person:{person.pk}", at=at)
    return True


def begin_due(*, at: datetime) -> int:
    """Begin the erasures whose time to think is over; return how many."""
    due = Erasure.objects.due(at=at).order_by("due_at").select_related("person")
    return sum(begin_erasure(erasure=erasure, at=at) for erasure in due[:_AT_ONCE])


def begin_erasure(*, erasure: Erasure, at: datetime) -> bool:
    """Close the account for good and have it emptied; False when it was called off meanwhile.

    Who has become the last administrator meanwhile stays.
    """
    person = erasure.person
    assert person is not None, "a guest is forgotten by forget_guest"
    try:
        with transaction.atomic():
            asked = Erasure.objects.filter(pk=erasure.pk, state=Erasure.State.ASKED)
            if not asked.update(state=Erasure.State.ERASING, begun_at=at):
                return False
            about = ("person", person.pk)
            note("privacy.erasure_begun", by=erasure.asked_by, about=about, at=at)
            close_account(person=person, at=at)
            _enqueue(erasure, delay=_BEGIN_AFTER, at=at)
    except LastAdministrator:
        keep_account(person=person, by="system", at=at)
        return False
    return True


def forget_guest(*, guest: Guest, by: str = "", at: datetime) -> Erasure | None:
    """Forget a guest at once; None when the guest was claimed, or is being forgotten.

    The cookie opens nothing from here on.

    :param by: who asks, when it is not the guest
    """
    try:
        with transaction.atomic():
            if not Guest.objects.filter(pk=guest.pk, claimed_by=None).exists():
                return None
            erasure = Erasure.objects.create(
                guest=guest,
                asked_by=by or f"guest:{guest.pk}",
                asked_at=at,
                due_at=at,
                begun_at=at,
                state=Erasure.State.ERASING,
            )
            empty_guest(guest_id=guest.pk)
            _enqueue(erasure, at=at)
            note("privacy.guest_forgotten", by=erasure.asked_by, about=("guest", guest.pk), at=at)
    except IntegrityError:
        return None
    return erasure


def note_told(*, erasure: Erasure, at: datetime) -> None:
    """Note that the last letter went out."""
    Erasure.objects.filter(pk=erasure.pk, told_at=None).update(told_at=at)


def finish_erasure(*, erasure: Erasure, at: datetime) -> bool:
    """Write down that nothing is left; what came in late is looked for once more."""
    erasing = Erasure.objects.filter(pk=erasure.pk, state=Erasure.State.ERASING)
    if not erasing.update(state=Erasure.State.DONE, ended_at=at, reason=""):
        return False
    kind, _colon, key = erasure.whose.partition(":")
    _enqueue(erasure, delay=_AGAIN_AFTER, again=True, at=at)
    note("privacy.erased", by="system", about=(kind, UUID(key)), at=at)
    return True


def erase_again(*, erasure: Erasure, at: datetime) -> None:
    """Go through everything once more: for the console, when a job gave up."""
    _enqueue(erasure, again=True, key=f"{JOB}:{erasure.pk}:{at.timestamp():.0f}", at=at)


def _enqueue(
    erasure: Erasure,
    *,
    delay: timedelta | None = None,
    again: bool = False,
    key: str = "",
    at: datetime,
) -> None:
    # Nobody's job: the jobs of whom it ends are erased with everything else.
    job = enqueue(
        JOB,
        about=("privacy.erasure", erasure.pk),
        key=key or f"{JOB}:{erasure.pk}:{'again' if again else 'first'}",
        delay=delay,
        erasure_id=erasure.pk,
        again=again,
        at=at,
    )
    if not again or key:
        Erasure.objects.filter(pk=erasure.pk).update(job_id=job.pk)


def _tell_kept(person: User, *, by: str, at: datetime) -> None:
    set_leaving(person=person, leaves_at=None)
    notify(person=person, kind="privacy.erasure_called_off", params={}, url="/settings/data", at=at)
    note("privacy.erasure_called_off", by=by, about=("person", person.pk), at=at)
