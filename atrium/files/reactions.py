from datetime import datetime, timedelta

from atrium.events.registry import on
from atrium.files.actions import recount
from atrium.jobs.actions import enqueue
from atrium.people.events import ClaimUndone, GuestClaimed

# A request that was under way at the claim may have kept one more file as the guest.
_AGAIN_AFTER = timedelta(minutes=5)


@on(GuestClaimed)
def count_for_the_person(event: GuestClaimed, *, at: datetime) -> None:
    """What a guest kept counts to the person who claimed it."""
    _count_for_both(event, at=at)


@on(ClaimUndone)
def count_for_the_guest(event: ClaimUndone, *, at: datetime) -> None:
    """What went back counts to the guest again."""
    _count_for_both(event, at=at)


def _count_for_both(event: GuestClaimed | ClaimUndone, *, at: datetime) -> None:
    owners = [f"person:{event.person_id}", f"guest:{event.guest_id}"]
    for owner in owners:
        recount(owner=owner)
        enqueue("files.recount", owner=owner, delay=_AGAIN_AFTER, whose=owner, at=at)
