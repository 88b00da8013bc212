from typing import cast
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.kit.errors import TooLarge, Unprocessable, UnsupportedKind
from atrium.people.actions.portraits import keep_portrait, remove_portrait
from atrium.people.caller import Caller
from atrium.people.models import Portrait, User
from atrium.people.pages.profile import HERE, show_profile
from atrium.web.policy import page

_ALONE = "sandbox; default-src 'none'; img-src 'self'"
_A_YEAR = 31_536_000


@page("POST", who="member")
def set_portrait(request: HttpRequest) -> HttpResponse:
    """Keep the picture sent as the person's own."""
    sent = request.FILES.get("picture")
    if sent is None or not sent.size:
        return show_profile(request, picture_error=_("Choose a picture first."))
    try:
        keep_portrait(person=_me(request), source=sent.chunks(), at=clock.now())
    except (Unprocessable, UnsupportedKind, TooLarge) as refusal:
        said = f"{refusal.detail} {refusal.way_on}".strip()
        return show_profile(request, picture_error=said)
    messages.success(request, _("Your picture is kept."))
    return HttpResponseRedirect(HERE)


@page("POST", who="member")
def drop_portrait(request: HttpRequest) -> HttpResponse:
    """Show the first letter of the name again."""
    remove_portrait(person=_me(request))
    messages.success(request, _("Your picture is removed."))
    return HttpResponseRedirect(HERE)


@page("GET", who="member")
def portrait(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Send the picture; its address is another one whenever the picture is."""
    found = (
        Portrait.objects.visible_to(_caller(request)).select_related("person").filter(pk=person_id)
    )
    kept = found.first()
    if kept is None:
        raise Http404
    etag = f'"{quote(kept.person.portrait_mark)}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(bytes(kept.content), content_type="image/webp")
    lasting = request.GET.get("v") == kept.person.portrait_mark
    how = f"max-age={_A_YEAR}, immutable" if lasting else "no-cache"
    for name, value in {
        "ETag": etag,
        "Cache-Control": f"private, {how}",
        "Content-Security-Policy": _ALONE,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline; filename=picture.webp",
    }.items():
        answer.headers[name] = value
    return answer


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)
