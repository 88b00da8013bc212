"""Which announcements somebody is shown now."""

from collections.abc import Container
from datetime import datetime

from atrium.kit import clock
from atrium.kit.remembered import Remembered
from atrium.notifications.models import Announcement, Dismissal
from atrium.people.caller import Caller

COOKIE = "dismissed"
"""What a browser without an account has read: the ends of the announcements' names."""
KEPT_IN_COOKIE = 20


def _read() -> list[Announcement]:
    found = Announcement.objects.to_come_or_now(at=clock.now())
    return list(found.order_by("-level", "-begins_at"))


_remembered = Remembered(_read)


def current(
    caller: Caller,
    *,
    read_here: Container[str] = (),
    at: datetime,
    anew: bool = False,
    even_dismissed: bool = False,
) -> list[Announcement]:
    """Return what this caller is told now and has not dismissed, warnings first.

    :param read_here: the short names that this browser keeps, of one who has no account
    :param anew: whether to ask the database, where somebody was just told that something changed
    """
    if anew:
        forget()
    every = [one for one in _remembered.get() if one.is_current(at=at) and _is_for(one, caller)]
    if even_dismissed:
        return every
    if caller.person and any(one.is_dismissible for one in every):
        gone = set(
            Dismissal.objects.filter(person=caller.person, announcement__in=every).values_list(
                "announcement_id", flat=True
            )
        )
        return [one for one in every if one.pk not in gone]
    return [one for one in every if not (one.is_dismissible and short_name(one) in read_here)]


def short_name(announcement: Announcement) -> str:
    """Return what a cookie calls it."""
    return announcement.pk.hex[-12:]


def forget() -> None:
    """Read anew at the next question: something changed."""
    _remembered.forget()


def _is_for(announcement: Announcement, caller: Caller) -> bool:
    if announcement.shown_to == Announcement.Audience.EVERYBODY:
        return True
    if announcement.shown_to == Announcement.Audience.MEMBERS:
        return caller.is_member
    return bool(caller.person and caller.person.is_staff)
