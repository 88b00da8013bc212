from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from atrium.api.schemas import Me
from atrium.kit.credits import MICRO
from atrium.kit.errors import SignInNeeded
from atrium.ledger.queries import balance_of
from atrium.people.caller import Caller
from atrium.web.policy import policy

PREFIX = ""
router = Router()


@router.get("/me", response=Me, tags=["you"], summary="Who is asking")
@policy(who="anyone")
def me(request: HttpRequest) -> Me:
    """The person whose key or session this is, or the guest whose cookie; 401 for nobody."""
    caller = cast(Caller, request.caller)  # type: ignore[attr-defined]
    if caller.id is None:
        raise SignInNeeded(_("Send an API key as “Authorization: Bearer …”, or sign in."))
    person = caller.person
    return Me(
        id=caller.id,
        username=person.username if person else None,
        email=(person.email or None) if person else None,
        role=person.role if person else "GUEST",
        plan=None,
        credits=balance_of(caller.audience) / MICRO,
        window=None,
        has_paid=False,
    )
