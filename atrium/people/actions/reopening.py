from datetime import datetime

from django.db import transaction
from django.db.models import F

from atrium.people.models import Suspension, User
from atrium.people.suspended import check_open

AT_ONCE = 500


def open_when_over(*, person: User, at: datetime) -> bool:
    """Note that a suspension's time is over; whether the account is open now.

    :raises Suspended: when it is not over
    """
    if person.is_active or not check_open(person, at=at):
        return person.is_active
    with transaction.atomic():
        over = Suspension.objects.over(at=at).filter(person=person)
        if over.update(ended_at=F("until")):
            User.objects.filter(pk=person.pk).update(is_active=True)
    person.refresh_from_db(fields=["is_active"])
    return person.is_active


def open_all_that_are_over(*, at: datetime) -> int:
    """Note each suspension whose time is over, for the lists; the door goes by the clock anyway."""
    over = Suspension.objects.over(at=at).select_related("person")
    return sum(open_when_over(person=suspension.person, at=at) for suspension in over[:AT_ONCE])
