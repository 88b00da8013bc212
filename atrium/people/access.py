"""Who may do what to people."""

from atrium.people.caller import Caller
from atrium.people.models import User


def may_judge(caller: Caller, person: User) -> bool:
    """Whether a caller with a staff role may suspend ``person``, or end their sessions and keys."""
    return caller.is_admin or not person.is_staff
