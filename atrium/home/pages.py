from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from atrium.chat.queries import chats_of
from atrium.engines import suggestion
from atrium.files.models import File
from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.people.caller import Caller
from atrium.people.invited import words_for_strangers
from atrium.web.policy import page
from atrium.web.render import render_page

SHOWN = 5


@page("GET", who="anyone")
def front(request: HttpRequest) -> HttpResponse:
    """What a stranger sees first, and what a member comes home to."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    if not caller.is_member:
        return render_page(request, "home/landing.html", _for_strangers())
    return render_page(request, "home/dashboard.html", _dashboard(caller))


@page("POST", who="admin")
def put_card_away(request: HttpRequest) -> HttpResponseBase:
    """Show the card that says how to connect a model to nobody any more."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    suggestion.put_away(by=caller.audience, at=clock.now())
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if is_ours and wanted.startswith("/") else "home:front")


def _for_strangers() -> dict[str, object]:
    return {"key": new_id(), "sign_up_words": words_for_strangers()}


def _dashboard(caller: Caller) -> dict[str, object]:
    files = File.objects.visible_to(caller).kept()
    return {
        "title": str(caller.person),
        "key": new_id(),
        "chats": list(chats_of(caller)[:SHOWN]),
        "files": list(files.order_by("-made_at")[:SHOWN]),
    }
