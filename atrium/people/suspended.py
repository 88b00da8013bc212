"""Who is kept out at this moment: by the clock, whatever a sweep has noted so far."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit.errors import NotAllowed
from atrium.people.models import Suspension, User

TERMS = (
    ("", gettext_lazy("For ever")),
    ("1", gettext_lazy("One day")),
    ("7", gettext_lazy("A week")),
    ("30", gettext_lazy("30 days")),
    ("180", gettext_lazy("180 days")),
)
"""Days for which staff may suspend somebody, as forms offer them."""


class Suspended(NotAllowed):
    """Said only to who proved to be the person: their password was right, or their key."""

    code = "suspended"

    def __init__(self, suspension: Suspension) -> None:
        self.suspension = suspension
        super().__init__(
            said_of(suspension),
            retry_at=suspension.until,
            way_on=_("Sign in on the page to read more and to appeal."),
        )

    def as_problem(self) -> dict[str, Any]:
        until = self.suspension.until
        return {**super().as_problem(), "until": until.isoformat() if until else None}


def said_of(suspension: Suspension) -> str:
    """Say that the account is suspended, until when, and why."""
    if suspension.until:
        until = localtime(suspension.until)
        said = _("This account is suspended until {day}, {time}.").format(
            day=date_format(until), time=date_format(until, "H:i")
        )
    else:
        said = _("This account is suspended.")
    return " ".join(filter(None, (said, suspension.reason)))


def standing_suspension(person: User | UUID, *, at: datetime) -> Suspension | None:
    """Return what keeps the person out, if anything does."""
    return Suspension.objects.standing(at=at).filter(person=person).first()


def check_open(person: User, *, at: datetime) -> bool:
    """Whether the account is open: also when a suspension's time is over but not yet noted.

    :raises Suspended: when it is not, and a suspension is why
    """
    if person.is_active:
        return True
    if found := standing_suspension(person, at=at):
        raise Suspended(found)
    return Suspension.objects.over(at=at).filter(person=person).exists()
