from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people import invited
from atrium.people.actions.invitations import InvitationSpent
from atrium.people.caller import Caller
from atrium.people.models import Invitation, User
from atrium.people.queries import mail_addresses_of
from atrium.web.policy import page
from atrium.web.render import asks_for_fragment, render_page


@page("GET", who="anyone")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take an invitation in hand, and go on to the sign-up, where its token shows no more."""
    found = Invitation.objects.with_token(token).usable(at=clock.now()).first()
    if found is None:
        raise InvitationSpent
    if _caller(request).is_member:
        messages.info(request, _("You have an account here already; the invitation is not used."))
        return HttpResponseRedirect("/")
    invited.keep(request, found, token=token)
    return HttpResponseRedirect("/sign-up")


@page("GET", who="member")
def waiting(request: HttpRequest) -> HttpResponse:
    """Say what an account waits for that is not open yet, and what its person can do."""
    person = cast(User, _caller(request).person)
    if asks_for_fragment(request):  # something was told while the page stood open
        how = "HX-Refresh" if person.waits_since else "HX-Redirect"
        return HttpResponse(headers={how: "true" if person.waits_since else "/"})
    if person.waits_since is None:
        return HttpResponseRedirect("/")
    context = {
        "joining": getattr(person, "joining", None),
        "addresses": [one for one in mail_addresses_of(person) if not one.verified],
    }
    return render_page(request, "people/waiting.html", context)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]
