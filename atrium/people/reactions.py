"""What follows, in the background, when a guest turns out to be somebody."""

from datetime import datetime

from atrium.events.registry import on
from atrium.jobs.actions import hand_over
from atrium.people.events import GuestClaimed


@on(GuestClaimed)
def hand_jobs_over(event: GuestClaimed, *, at: datetime) -> None:
    """Whoever claims a guest hears how the guest's jobs end.

    Apart from the claim: its rows and a running job's could wait for each other.
    """
    hand_over(owner=f"guest:{event.guest_id}", to=f"person:{event.person_id}")
