from datetime import datetime

from atrium.events.registry import on
from atrium.people.events import GuestExpired
from atrium.people.models import Guest
from atrium.privacy.actions import forget_guest


@on(GuestExpired)
def forget_who_stays_away(event: GuestExpired, *, at: datetime) -> None:
    """Erase what was made by a guest who did not come back, with the guest."""
    guest = Guest.objects.filter(pk=event.guest_id, claimed_by=None).first()
    if guest:
        forget_guest(guest=guest, by="system", at=at)
