from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from atrium.chat import actions, imports
from atrium.chat.pages.whose import caller_of
from atrium.kit import clock
from atrium.kit.errors import Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.models import User
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", "POST", who="member")
def room(request: HttpRequest) -> HttpResponseBase:
    """Show what was brought from other places; POST brings a file more."""
    if request.method == "POST":
        return _bring(request)
    context: dict[str, Any] = {
        "imports": imports.latest_of(_me(request)),
        "most": LIMITS.import_bytes,
    }
    return render_page(request, "chat/imports.html", context, fragment="chat/parts/imports.html")


@page("POST", who="member")
def call_off(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Stop bringing in; what came already stays."""
    found = imports.import_of(_me(request), import_id)
    if found is None:
        raise Http404
    actions.call_off_import(imported=found, at=clock.now())
    return redirect("chat:imports")


def _bring(request: HttpRequest) -> HttpResponseBase:
    file = request.FILES.get("file")
    if file is None:
        raise Unprocessable(_("Choose a file first."))
    actions.begin_import(
        person=_me(request), name=file.name or "", source=file.chunks(), at=clock.now()
    )
    messages.info(request, _("Your chats are being brought in."))
    return redirect("chat:imports")


def _me(request: HttpRequest) -> User:
    return cast(User, caller_of(request).person)
