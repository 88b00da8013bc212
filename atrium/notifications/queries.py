from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.kit.errors import NotFound
from atrium.notifications.models import Address, Channel, Choice, Notification
from atrium.notifications.registry import NotificationKind, every_kind
from atrium.people.caller import Caller
from atrium.people.models import User


class NoSuchNotification(NotFound):
    code = "no_such_notification"


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of the matrix: whether one kind comes by one channel."""

    channel: Channel
    is_wanted: bool
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Line:
    kind: NotificationKind
    cells: list[Cell]


def unread_count(caller: Caller) -> int:
    return Notification.objects.visible_to(caller).unread().count()


def notification_of(caller: Caller, notification_id: UUID) -> Notification:
    """:raises NoSuchNotification: when there is none that this caller may see"""
    found = Notification.objects.visible_to(caller).in_app().filter(pk=notification_id).first()
    if found is None:
        raise NoSuchNotification(_("There is no such notification."))
    return found


def channels_for(person: User, kind: NotificationKind) -> set[Channel]:
    """Return the channels on which ``person`` gets ``kind``."""
    return _wanted(kind, Choice.objects.filter(person=person, kind=kind.key))


def matrix_of(person: User) -> list[Line]:
    """Return every kind with every channel, as ``person`` has it now."""
    choices = list(Choice.objects.filter(person=person))
    return [_line(kind, [one for one in choices if one.kind == kind.key]) for kind in every_kind()]


def trouble_with(email: str) -> Address | None:
    """Return what is known of an address that mail does not reach."""
    if not email:
        return None
    return Address.objects.filter(email=email.lower(), bouncing_since__isnull=False).first()


def _line(kind: NotificationKind, choices: list[Choice]) -> Line:
    wanted = _wanted(kind, choices)
    cells = [Cell(channel, channel in wanted, channel in kind.always) for channel in Channel]
    return Line(kind, cells)


def _wanted(kind: NotificationKind, choices: Iterable[Choice]) -> set[Channel]:
    chosen = {Channel(one.channel): one.is_wanted for one in choices}
    return {
        channel
        for channel in Channel
        if channel in kind.always or chosen.get(channel, channel in kind.channels)
    }
