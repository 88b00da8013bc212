from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people.actions.guests import choose_anonymity
from atrium.people.caller import Caller
from atrium.web.policy import page


@page("POST", who="somebody")
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the name of a person or a guest from others, or show it again."""
    caller = cast(Caller, request.caller)  # type: ignore[attr-defined]
    owner = caller.person or caller.guest
    assert owner is not None, "somebody is a person or a guest"
    wanted = request.POST.get("anonymous") == "yes"
    choose_anonymity(owner=owner, anonymous=wanted, at=clock.now())
    said = _("Others read no name of yours.") if wanted else _("Others may read your name.")
    messages.success(request, said)
    return HttpResponseRedirect("/settings" if caller.is_member else "/privacy/here")
