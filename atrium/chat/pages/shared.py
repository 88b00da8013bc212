"""A shared copy as it is read by whoever has its link, with an account or without."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from atrium.chat import actions, copies
from atrium.chat.models import SharedCopy
from atrium.chat.pages.whose import caller_of, id_of
from atrium.files.delivery import deliver
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.web.policy import page
from atrium.web.render import render_page

_DESCRIPTION = 160
_FURTHEST = 1_000_000


@page("GET", who="anyone")
def listed(request: HttpRequest) -> HttpResponseBase:
    """List what people put where everybody can read it."""
    if not copies.may_be_listed():
        raise NotFound(_("There is nothing here, or it is not yours to see."))
    shown = page_of(
        copies.listed(at=clock.now()),
        after=request.GET.get("after"),
        size=LIMITS.page_items,
        order=("-frozen_at", "-id"),
    )
    for copy in shown.items:
        copy.path = copies.path_to(copy)
    return render_page(request, "chat/shared_list.html", {"page": shown})


@page("GET", who="anyone")
def shared(request: HttpRequest, share_token: str) -> HttpResponseBase:
    """Show what was shared."""
    copy = copies.shared_with(share_token, at=clock.now())
    after = _after(request)
    said = copies.stretch_of(copy, after=after)
    if not after and request.method == "GET":
        actions.note_view(copy=copy, by=caller_of(request))
    is_public = copies.is_public(copy)
    context = {
        "copy": copy,
        "token": share_token,
        "title": copy.title or _("A shared chat"),
        "turns": said.turns,
        "next": said.next,
        "after": after,
        "files": copies.files_of(copy),
        "is_public": is_public,
        "is_mine": caller_of(request).id == copy.person_id,
        "key": new_id(),
    }
    if is_public:
        first = next((turn.text for turn in said.turns if turn.is_answer), "")
        context["description"] = Truncator(" ".join(first.split())).chars(_DESCRIPTION)
    answer = render_page(request, "chat/shared.html", context)
    return _found_by_nobody(answer, copy)


@page("POST", who="somebody")
def go_on(request: HttpRequest, share_token: str) -> HttpResponseBase:
    """Begin a chat of one's own with what was shared."""
    at = clock.now()
    chat = actions.fork(
        copy=copies.shared_with(share_token, at=at),
        by=caller_of(request),
        key=str(id_of(request.POST.get("key", "")) or ""),
        at=at,
    )
    return redirect("chat:chat", chat.pk)


@page("GET", who="anyone")
def file(request: HttpRequest, share_token: str, number: int) -> HttpResponseBase:
    """Send a file that was shared along."""
    copy = copies.shared_with(share_token, at=clock.now())
    answer = deliver(request, copies.parcel_in(copy, number))
    return _found_by_nobody(answer, copy)


def _found_by_nobody(answer: HttpResponseBase, copy: SharedCopy) -> HttpResponseBase:
    """Tell machines that look around to forget what is not on the public list."""
    if not copies.is_public(copy):
        answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer


def _after(request: HttpRequest) -> int:
    asked = request.GET.get("after", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 10
    return min(int(asked), _FURTHEST) if is_number else 0
