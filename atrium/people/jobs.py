from datetime import timedelta
from uuid import UUID

from atrium.jobs.registry import Priority, Run, every, job
from atrium.kit import clock
from atrium.people.actions import (
    forget_devices,
    forget_families,
    gather_claimed,
    open_all_that_are_over,
)
from atrium.people.actions.invitations import link_for_letter
from atrium.people.attempts import clear_ended
from atrium.people.invitation_letter import letter_for
from atrium.people.models import Invitation
from atrium.people.session_store import SessionStore


@job("people.gather_claimed")
def gather(run: Run, *, guest_id: UUID, person_id: UUID) -> None:
    """Give the person what a request still under way made as the guest after the claim."""
    gather_claimed(guest_id=guest_id, person_id=person_id, at=clock.now())


@job("people.mail_invitation", attempts=6, long=True, seconds=120)
def mail_invitation(run: Run, *, invitation_id: UUID) -> None:
    """Send an invitation. Its link is made here, so that it lies in no row; a repeat makes anew."""
    now = clock.now()
    usable = Invitation.objects.usable(at=now).filter(pk=invitation_id).select_related("made_by")
    invitation = usable.first()
    if invitation is None:
        return
    with run.writing():
        link = link_for_letter(invitation=invitation, at=now)
    letter_for(invitation, link=link).send()


@job("people.forget_ended", priority=Priority.LATER)
def forget_ended(run: Run) -> None:
    """Delete sessions, counts, devices and tokens that have run out."""
    SessionStore.clear_expired()
    clear_ended(at=clock.now())
    forget_devices(at=clock.now())
    forget_families(at=clock.now())


every("people.forget_ended", timedelta(hours=1))


@job("people.open_again", priority=Priority.LATER)
def open_again(run: Run) -> None:
    """Note which suspensions are over, so that lists say so; the door knows it by the clock."""
    open_all_that_are_over(at=clock.now())


every("people.open_again", timedelta(minutes=5))
