from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from atrium.api.schemas import Me, MeIn, Window
from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.kit.errors import SignInNeeded
from atrium.ledger.queries import balance_of
from atrium.metering.queries import window_of
from atrium.people.actions import change_profile
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.people.paying import payment_date_of
from atrium.people.scopes import ACCOUNT, scope
from atrium.plans.queries import plan_of
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
    return _told(caller, caller.id)


@router.patch("/me", response=Me, tags=["you"], summary="Change what is said of you")
@scope(ACCOUNT)
@policy(who="member")
def change_me(request: HttpRequest, asked: MeIn) -> Me:
    """Name only what changes."""
    caller = cast(Caller, request.caller)  # type: ignore[attr-defined]
    person = cast(User, caller.person)
    changes = asked.model_dump(exclude_unset=True)
    change_profile(person=person, at=clock.now(), **changes)
    return _told(caller, person.pk)


def _told(caller: Caller, whose: UUID) -> Me:
    person = caller.person
    paid_at = payment_date_of(person) if person else None
    said = {name: getattr(person, name, None) for name in MeIn.model_fields}
    return Me(
        id=whose,
        username=person.username if person else None,
        email=(person.email or None) if person else None,
        picture=(person.portrait_url or None) if person else None,
        role=person.role if person else "GUEST",
        joined_at=person.joined_at if person else None,
        plan=plan_of(caller).slug,
        credits=balance_of(caller.audience) / MICRO,
        window=Window.of(window_of(caller, clock.now())),
        has_paid=paid_at is not None,
        payment_date=paid_at,
        **said,
    )
