from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.options.queries import value
from atrium.people.access import may_invite
from atrium.people.actions.invitations import (
    BadInvitation,
    NoInvitations,
    TooManyInvitations,
    invite,
    revoke_invitation,
)
from atrium.people.caller import Caller
from atrium.people.forms import say
from atrium.people.joining_forms import InvitationForm
from atrium.people.models import Invitation
from atrium.people.settings_pages import SettingsPage, register
from atrium.web.policy import page
from atrium.web.render import render_page


@page("GET", "POST", who="member")
def invitations(request: HttpRequest) -> HttpResponse:
    """Show the invitations that a person made; POST makes one, and shows its link this once."""
    caller = _caller(request)
    if not may_invite(caller):
        raise NoInvitations(_("You cannot invite people here."))
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made, link = invite(by=caller, **form.cleaned_data, at=clock.now())
        except (BadInvitation, TooManyInvitations) as refusal:
            _say(form, refusal)
        else:
            return _show(request, InvitationForm(), made=made, link=link)
    return _show(request, form)


@page("POST", who="member")
def revoke(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    caller = _caller(request)
    found = Invitation.objects.visible_to(caller).filter(pk=invitation_id).first()
    if found is None:
        raise Http404
    revoke_invitation(invitation=found, by=caller.audience, at=clock.now())
    messages.success(request, _("The invitation is taken back."))
    return HttpResponseRedirect(reverse("people:invitations"))


def _say(form: InvitationForm, refusal: Refusal) -> None:
    say(form, refusal)
    if refusal.way_on and not refusal.fields:
        form.add_error(None, refusal.way_on)


def _show(request: HttpRequest, form: InvitationForm, **shown: Any) -> HttpResponse:
    caller = _caller(request)
    mine = Invitation.objects.visible_to(caller).filter(made_by=caller.person)
    context = {
        "form": form,
        "invitations": mine.prefetch_related("joinings__person").order_by("-made_at")[:100],
        "most": None if caller.is_admin else value("people.members_invite"),
        "now": clock.now(),
        **shown,
    }
    status = 422 if form.errors else 200
    answer = render_page(request, "people/invitations.html", context, status=status)
    if shown:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


register(
    SettingsPage("invitations", gettext_lazy("Invitations"), "people:invitations", 35, may_invite)
)
