"""The announcements as the shell shows them above each page."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from atrium.kit import clock
from atrium.notifications.announcements import COOKIE, KEPT_IN_COOKIE, current, short_name
from atrium.notifications.models import Announcement
from atrium.people.caller import NOBODY, Caller
from atrium.web.shell import register_news


def shown_to(request: HttpRequest, *, anew: bool = False) -> list[Announcement]:
    """Return what whoever asks is told now."""
    caller: Caller = getattr(request, "caller", None) or NOBODY
    return current(caller, read_here=read_here(request), at=clock.now(), anew=anew)


def read_here(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(COOKIE, "").split(".")


def keep_read(request: HttpRequest, answer: HttpResponse, announcement: Announcement) -> None:
    """Have this browser remember that somebody without an account has read it."""
    read = [*filter(None, read_here(request)), short_name(announcement)][-KEPT_IN_COOKIE:]
    answer.set_cookie(
        COOKIE,
        ".".join(read),
        max_age=timedelta(days=365),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _bar(request: HttpRequest) -> SafeString:
    found = shown_to(request)
    if not found:
        return SafeString("")
    return render_to_string("notifications/parts/news.html", {"news": found}, request)


register_news(_bar)
