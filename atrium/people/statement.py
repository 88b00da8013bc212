"""Where somebody who is kept out reads why: known by their session, and signed in nowhere."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponseRedirect

from atrium.kit import clock
from atrium.people.models import User
from atrium.people.suspended import Suspended

ADDRESS = "/suspended"
"""A page of ``moderation``, which lies above this floor."""
COPY = "/suspended/data"
"""A page of ``privacy``, where the same reader has a copy of everything made."""
_ENTRY = "reads_statement"
_WORKS_FOR = timedelta(hours=1)


def tell_why(request: HttpRequest, refusal: Suspended) -> HttpResponseRedirect:
    """Lead who gave the right password to the statement of reasons, and to nothing else."""
    request.session.cycle_key()
    until = clock.now() + _WORKS_FOR
    request.session[_ENTRY] = [str(refusal.suspension.person_id), until.isoformat()]
    return HttpResponseRedirect(ADDRESS)


def reader_of_statement(request: HttpRequest) -> User | None:
    """Return who proved to be this person within the hour, and is kept out."""
    whose, until = request.session.get(_ENTRY) or ("", "")
    if not whose or datetime.fromisoformat(until) <= clock.now():
        return None
    return User.objects.filter(pk=whose, is_active=False).first()
