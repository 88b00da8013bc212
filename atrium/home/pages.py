from django.http import HttpRequest, HttpResponse

from atrium.chat.queries import chats_of
from atrium.engines.models import Model
from atrium.files.models import File
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


def _for_strangers() -> dict[str, object]:
    return {"key": new_id(), "sign_up_words": words_for_strangers()}


def _dashboard(caller: Caller) -> dict[str, object]:
    files = File.objects.visible_to(caller).kept()
    return {
        "title": str(caller.person),
        "key": new_id(),
        "chats": list(chats_of(caller)[:SHOWN]),
        "files": list(files.order_by("-made_at")[:SHOWN]),
        "only_reader": not Model.objects.offered().filter(quotes_only=False).exists(),
    }
