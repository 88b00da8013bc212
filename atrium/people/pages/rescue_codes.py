from typing import Any, cast
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from atrium.kit import clock
from atrium.people import actions
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.people.queries import rescue_codes_left
from atrium.people.recently import recently_authenticated
from atrium.people.settings_pages import SecurityCard, register_card
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", "POST", who="member")
@recently_authenticated("POST")
def rescue_codes(request: HttpRequest) -> HttpResponse:
    """Say what rescue codes are for; POST makes ten and shows them, this once."""
    person = _me(request)
    context: dict[str, Any] = {"next": _onward(request), "left": rescue_codes_left(person)}
    if request.method == "POST":
        codes = actions.make_rescue_codes(person=person, at=clock.now())
        context |= {"codes": codes, "as_file": f"data:text/plain,{quote(_as_text(codes))}"}
    context["has_mail"] = bool(person.email)
    return render_page(request, "people/rescue_codes.html", context)


def _as_text(codes: list[str]) -> str:
    return "\n".join(codes) + "\n"


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if local else "/settings/security#rescue-codes"


def _card(request: HttpRequest) -> dict[str, Any]:
    return {"rescue_codes_left": rescue_codes_left(_me(request))}


def _me(request: HttpRequest) -> User:
    return cast(User, cast(Caller, request.caller).person)  # type: ignore[attr-defined]


register_card(SecurityCard("people/security/rescue_codes.html", 17, _card))
