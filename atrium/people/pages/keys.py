from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.people import actions
from atrium.people.actions import TooManyKeys, UnknownScope
from atrium.people.caller import Caller
from atrium.people.forms import KeyForm, say
from atrium.people.models import ApiKey, User
from atrium.people.scopes import READ
from atrium.people.settings_pages import SettingsPage, register
from atrium.web.policy import page
from atrium.web.render import render_page

HERE = "/settings/keys"
register(SettingsPage("keys", gettext_lazy("Keys"), "people:keys", 30))


@page("GET", "POST", who="member")
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys of the person's programs; POST makes one, and shows it this once."""
    if request.method != "POST":
        return _show(request)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _show(request, key=form)
    now, days = clock.now(), form.cleaned_data["lasts"]
    spends = form.cleaned_data["spends"]
    try:
        made, token = actions.issue_key(
            person=_me(request),
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=now + timedelta(days=int(days)) if days else None,
            spend_limit=None if spends is None else int(spends * MICRO),
            at=now,
        )
    except (UnknownScope, TooManyKeys) as refusal:
        say(form, refusal)
        return _show(request, key=form)
    return _show(request, made_key=made, token=token)


@page("POST", who="member")
def revoke_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    key = ApiKey.objects.visible_to(_caller(request)).filter(pk=key_id).first()
    if key is None:
        raise Http404
    actions.revoke_key(key=key, at=clock.now())
    messages.success(request, _("The key is revoked."))
    return HttpResponseRedirect(HERE)


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)


def _show(request: HttpRequest, **shown: Any) -> HttpResponse:
    usable = ApiKey.objects.visible_to(_caller(request)).usable(at=clock.now())
    context: dict[str, Any] = {
        "key": KeyForm(initial={"scopes": [READ], "lasts": "90"}),
        "keys": usable.order_by("-made_at"),
        **shown,
    }
    wrong = any(isinstance(one, forms.Form) and one.errors for one in shown.values())
    answer = render_page(request, "people/keys.html", context, status=422 if wrong else 200)
    if "token" in shown:
        answer.headers["Cache-Control"] = "no-store"
    return answer
