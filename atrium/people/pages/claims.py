from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from atrium.kit import clock
from atrium.people import actions
from atrium.people.brought_along import bring
from atrium.people.caller import Caller
from atrium.people.comes_along import in_words, left_in_words
from atrium.people.models import Claim, Guest, User
from atrium.people.queries import GUEST_COOKIE, gave_back, guest_with_token
from atrium.people.settings_pages import SecurityCard, register_card
from atrium.web.policy import page
from atrium.web.render import render_page

HERE = "/settings/security"


@page("GET", "POST", who="member")
def undo(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Say what goes back and what stays, and then give it back."""
    claim = Claim.objects.visible_to(_caller(request)).filter(pk=claim_id).first()
    if claim is None:
        raise Http404
    if request.method != "POST":
        can_be_undone = Claim.objects.can_be_undone(at=clock.now()).filter(pk=claim.pk).exists()
        context = {"claim": claim, "things": _things(claim), "can_be_undone": can_be_undone}
        return render_page(request, "people/claim_undo.html", {**context, "tab": "security"})
    request.new_guest_token = actions.undo_claim(claim=claim, at=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("It went back. Sign out to go on as a guest in this browser."))
    if left := left_in_words(claim):
        said = _("This stays in your account, since you went on with it: %(things)s.")
        messages.info(request, said % {"things": ", ".join(left)})
    return HttpResponseRedirect(f"{HERE}#brought-along")


@page("POST", who="member")
def again(request: HttpRequest) -> HttpResponse:
    """Bring along once more what was given back, and waits in this browser."""
    guest = _waiting(request)
    if guest is None:
        raise Http404
    bring(request, _me(request), guest)
    return HttpResponseRedirect(f"{HERE}#brought-along")


def _card(request: HttpRequest) -> dict[str, Any]:
    recent = Claim.objects.visible_to(_caller(request)).can_be_undone(at=clock.now())
    claims = [(claim, _things(claim)) for claim in recent.newest_first()]
    return {
        "claims": [(claim, things) for claim, things in claims if things],
        "waits_in_this_browser": _waiting(request) is not None,
    }


def _things(claim: Claim) -> list[str]:
    return in_words(list(claim.counts.all()))


def _waiting(request: HttpRequest) -> Guest | None:
    """Return the guest of this browser, if this person gave back what they had made."""
    guest = guest_with_token(request.COOKIES.get(GUEST_COOKIE, ""))
    return guest if guest and gave_back(guest=guest, person=_me(request)) else None


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.caller)  # type: ignore[attr-defined]


def _me(request: HttpRequest) -> User:
    return cast(User, _caller(request).person)


register_card(SecurityCard("people/security/brought_along.html", 95, _card))
