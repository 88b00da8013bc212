from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people import actions
from atrium.people.caller import Caller
from atrium.people.models import TokenFamily, User
from atrium.people.queries import apps_of
from atrium.people.settings_pages import SecurityCard, register_card
from atrium.web.policy import page


@page("POST", who="member")
def end_app(request: HttpRequest, family_id: UUID) -> HttpResponse:
    """Sign one of the person's apps out."""
    family = TokenFamily.objects.visible_to(_caller(request)).filter(pk=family_id).first()
    if family is None:
        raise Http404
    actions.end_family(family=family, at=clock.now())
    messages.success(request, _("That app is signed out."))
    return HttpResponseRedirect("/settings/security")


def _apps_card(request: HttpRequest) -> dict[str, Any]:
    return {"families": apps_of(cast(User, _caller(request).person))}


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


register_card(SecurityCard("people/security/apps.html", 95, _apps_card))
