from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from atrium.files.delivery import deliver
from atrium.kit import clock
from atrium.options.queries import value
from atrium.people.actions.leaving import check_may_leave
from atrium.people.actions.standing import LastAdministrator
from atrium.people.belongings import every_exception
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.people.recently import recently_authenticated
from atrium.people.settings_pages import SettingsPage, register
from atrium.people.statement import ADDRESS, reader_of_statement
from atrium.privacy import actions, queries
from atrium.web.policy import page
from atrium.web.render import render_page

register(SettingsPage("data", gettext_lazy("My data"), "privacy:data", 40))


@page("GET", who="member")
def data(request: HttpRequest) -> HttpResponse:
    """Show the copies of the person's data, and the way to erase it."""
    person = _me(request)
    context = {
        **_copies(request),
        "tab": "data",
        "erasure": queries.erasure_of(person),
        "days": value("privacy.grace_days"),
    }
    return render_page(request, "privacy/data.html", context, fragment="privacy/parts/copies.html")


@page("POST", who="anyone")
def ask_export(request: HttpRequest) -> HttpResponse:
    """Have a copy made, of what a person or a guest has."""
    export = actions.ask_export(by=_caller(request), language=get_language() or "", at=clock.now())
    if export.state == export.State.READY:
        messages.info(request, _("There is a copy of today already."))
    return HttpResponseRedirect(_here(request))


@page("POST", who="anyone")
def call_off(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Stop making a copy."""
    export = queries.export_of(_caller(request), export_id)
    actions.call_off_export(export=export, at=clock.now())
    return HttpResponseRedirect(_here(request))


@page("GET", who="anyone")
def content(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """Send the zip to whoever asked for it."""
    caller = _caller(request)
    export = queries.export_of(caller, export_id)
    parcel = queries.parcel_of(export, at=clock.now())
    actions.note_download(export=export, by=caller, at=clock.now())
    return deliver(request, parcel)


@page("GET", "POST", who="member")
@recently_authenticated("POST")
def erasure(request: HttpRequest) -> HttpResponse:
    """Say what will happen; POST asks for it, once the person has proved who they are."""
    person = _me(request)
    if request.method == "POST":
        asked = actions.ask_erasure(person=person, at=clock.now())
        # The bar above each page says when; at once there is no page of theirs any more.
        return HttpResponseRedirect(
            reverse("privacy:data") if asked.state == asked.State.ASKED else "/"
        )
    context = {
        **_copies(request),
        "tab": "data",
        "rooms": queries.published(),
        "days": value("privacy.grace_days"),
        "refusal": _why_not(person),
        "erasure": queries.erasure_of(person),
    }
    return render_page(request, "privacy/leave.html", context)


@page("POST", who="member")
def keep(request: HttpRequest) -> HttpResponse:
    """Call the erasure off."""
    if actions.keep_account(person=_me(request), at=clock.now()):
        messages.success(request, _("Your account stays."))
    return HttpResponseRedirect(reverse("privacy:data"))


@page("GET", who="anyone")
def table(request: HttpRequest) -> HttpResponse:
    """Show to anybody what becomes of everything when somebody leaves."""
    context = {"rooms": queries.published(), "exceptions": every_exception()}
    return render_page(request, "privacy/erasure.html", context)


@page("GET", who="anyone")
def here(request: HttpRequest) -> HttpResponse:
    """Show a guest what can be done about what they made; a member has a page of their own."""
    caller = _caller(request)
    if caller.is_member:
        return HttpResponseRedirect(reverse("privacy:data"))
    context = {**_copies(request), "guest": caller.guest}
    return render_page(request, "privacy/here.html", context, fragment="privacy/parts/copies.html")


@page("GET", "POST", who="anyone")
def suspended(request: HttpRequest) -> HttpResponse:
    """Let who is kept out, and has read why, have a copy made all the same."""
    person = reader_of_statement(request)
    if person is None:
        return HttpResponseRedirect(reverse("people:sign_in"))
    reader = Caller(person=person)
    if request.method == "POST":
        actions.ask_export(by=reader, language=get_language() or "", at=clock.now())
        return HttpResponseRedirect(request.path)
    copies = list(queries.exports_of(reader).by_the_owner()[: queries.SHOWN])
    is_making = any(copy.state == copy.State.MAKING for copy in copies)
    context = {"copies": copies, "is_making": is_making, "now": clock.now(), "back": ADDRESS}
    answer = render_page(request, "privacy/suspended.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@page("GET", who="anyone")
def suspended_content(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """Send them the zip."""
    reader = Caller(person=reader_of_statement(request))
    export = queries.export_of(reader, export_id)
    return deliver(request, queries.parcel_of(export, at=clock.now()))


@page("POST", who="anyone")
def forget(request: HttpRequest) -> HttpResponse:
    """Forget the guest that this browser is."""
    guest = _caller(request).guest
    if guest and actions.forget_guest(guest=guest, at=clock.now()):
        messages.success(request, _("You are forgotten here. What you made is being erased."))
    request.guest_has_gone = True  # type: ignore[attr-defined]
    return HttpResponseRedirect("/")


def _copies(request: HttpRequest) -> dict[str, Any]:
    caller = _caller(request)
    copies = list(queries.exports_of(caller)[: queries.SHOWN])
    return {
        "copies": copies,
        "copies_url": _here(request),
        "making": next((one for one in copies if one.state == one.State.MAKING), None),
        "now": clock.now(),
        "keeps_days": value("privacy.export_days"),
    }


def _why_not(person: User) -> LastAdministrator | None:
    try:
        check_may_leave(person=person)
    except LastAdministrator as refusal:
        return refusal
    return None


def _here(request: HttpRequest) -> str:
    return reverse("privacy:data" if _caller(request).is_member else "privacy:here")


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)
