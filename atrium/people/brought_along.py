"""What a guest made comes along as the person is let in, and the person is told so."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people import actions
from atrium.people.comes_along import in_words
from atrium.people.models import Claim, Guest, User
from atrium.people.queries import gave_back


def bring_along(request: HttpRequest, person: User, guest: Guest) -> Claim | None:
    """Claim the guest of this browser, and say what came along.

    Not what the same person gave back before: that waits in this browser until they ask for it.
    """
    if gave_back(guest=guest, person=person):
        return None
    return bring(request, person, guest)


def bring(request: HttpRequest, person: User, guest: Guest) -> Claim | None:
    """Claim the guest of this browser, even when it was given back before; the cookie goes."""
    claim = actions.claim_guest(guest=guest, person=person, at=clock.now())
    request.guest_has_gone = True  # type: ignore[attr-defined]
    things = in_words(list(claim.counts.all())) if claim else []
    if things:
        said = _(
            "What you made as a guest is in your account now: %(things)s."
            " For a day you can give it back, in your settings under Security."
        )
        messages.info(request, said % {"things": ", ".join(things)})
    return claim
