from typing import cast

from django.http import HttpRequest, HttpResponse

from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.people.caller import Caller
from atrium.people.history import said_of, who_did
from atrium.people.models import User
from atrium.people.queries import history_of
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", who="member")
def history(request: HttpRequest) -> HttpResponse:
    """Show what was done to the account, and by whom, the newest first."""
    person = cast(User, cast(Caller, request.caller).person)  # type: ignore[attr-defined]
    found = page_of(
        history_of(person),
        after=request.GET.get("after"),
        size=LIMITS.page_items,
        order=("-number",),
    )
    lines = [(entry, said_of(entry), who_did(entry, person)) for entry in found.items]
    return render_page(request, "people/history.html", {"page": found, "lines": lines})
