from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.paging import page_of
from atrium.notifications import actions, announcements, news, queries
from atrium.notifications.forms import wanted_of
from atrium.notifications.models import Channel, Notification
from atrium.notifications.registry import kind_of
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.web.links import onward
from atrium.web.policy import page
from atrium.web.render import asks_for_fragment, render_page


@page("GET", who="member")
def room(request: HttpRequest) -> HttpResponse:
    """Show what a person was told, the newest first."""
    told = Notification.objects.visible_to(_caller(request)).in_app()
    context = {
        "page": page_of(
            told,
            after=request.GET.get("after"),
            size=LIMITS.page_items,
            order=("-made_at", "-id"),
        ),
        "unread": queries.unread_count(_caller(request)),
    }
    return render_page(
        request,
        "notifications/room.html",
        context,
        fragment="notifications/parts/list.html",
    )


@page("POST", who="member")
def read(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Note that one was seen, and go where it leads."""
    notification = queries.notification_of(_caller(request), notification_id)
    actions.mark_read(notification=notification, at=clock.now())
    return HttpResponseRedirect(notification.url or reverse("notifications:room"))


@page("POST", who="member")
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that all were seen."""
    actions.mark_all_read(by=_caller(request), at=clock.now())
    return HttpResponseRedirect(reverse("notifications:room"))


@page("GET", "POST", who="member")
def choices(request: HttpRequest) -> HttpResponse:
    """Show what comes by which channel; POST changes it."""
    person = _me(request)
    if request.method == "POST":
        wanted = wanted_of(request.POST.getlist("wanted"))
        actions.choose(person=person, wanted=wanted, at=clock.now())
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("notifications:choices"))
    context = {
        "lines": queries.matrix_of(person),
        "channels": list(Channel),
        "trouble": queries.trouble_with(person.email),
        "email": person.email,
    }
    return render_page(request, "notifications/choices.html", context)


@page("POST", who="member")
def try_again(request: HttpRequest) -> HttpResponse:
    """Write again to an address that took no mail."""
    actions.try_again(person=_me(request))
    messages.success(request, _("The next letter will be sent there again."))
    return HttpResponseRedirect(reverse("notifications:choices"))


@csrf_exempt  # a mail program posts here, without a cookie; the token is the permission (RFC 8058)
@page("GET", "POST", who="anyone")
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once more, then switch off the kind of mail that the token names."""
    is_done = request.method == "POST"
    if is_done:
        kind = actions.unsubscribe(token=token, at=clock.now())
    else:
        _person, kind = actions.read_unsubscribe_token(token=token, at=clock.now())
    known = kind_of(kind)
    context = {"is_done": is_done, "description": known.description if known else kind}
    return render_page(request, "notifications/unsubscribe.html", context)


@page("GET", who="anyone")
def announced(request: HttpRequest) -> HttpResponse:
    """Show what is announced now; as a fragment, what the bar above the page holds."""
    context = {
        "news": news.shown_to(request, anew=True),
        "every": announcements.current(
            Caller(person=_caller(request).person), at=clock.now(), even_dismissed=True
        ),
    }
    return render_page(
        request,
        "notifications/announcements.html",
        context,
        fragment="notifications/parts/all_news.html",  # with what other rooms say there
    )


@page("POST", who="anyone")
def dismiss(request: HttpRequest, announcement_id: UUID) -> HttpResponse:
    """Show one announcement no more: to a person anywhere, to anybody else in this browser."""
    shown = news.shown_to(request)
    found = next((one for one in shown if one.pk == announcement_id), None)
    person = _caller(request).person
    if found and person:
        actions.dismiss(announcement=found, person=person, at=clock.now())
    left = [one for one in shown if one is not found or not one.is_dismissible]
    if asks_for_fragment(request):
        answer = render_page(request, "notifications/parts/news.html", {"news": left})
    else:
        answer = HttpResponseRedirect(onward(request))
    if found and found.is_dismissible and person is None:
        news.keep_read(request, answer, found)
    return answer


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)
