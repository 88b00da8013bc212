from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from atrium.events.registry import on
from atrium.notifications.actions import notify
from atrium.people.events import (
    AccountWaits,
    GuestClaimed,
    JoiningDecided,
    NewDeviceSignedIn,
    RefreshTokenReused,
    SecondFactorTouched,
)
from atrium.people.models import ClaimCount, Joining, User


@on(NewDeviceSignedIn)
def tell_of_new_device(event: NewDeviceSignedIn, *, at: datetime) -> None:
    """Let the person know, so that they can act if it was somebody else."""
    _warn(event.person_id, "people.new_sign_in", {"device": event.device}, at=at)


@on(RefreshTokenReused)
def tell_of_reused_token(event: RefreshTokenReused, *, at: datetime) -> None:
    """Let the person know that somebody else may have had a copy of an app's token."""
    _warn(event.person_id, "people.token_reused", {"device": event.device}, at=at)


@on(SecondFactorTouched)
def tell_of_second_factor(event: SecondFactorTouched, *, at: datetime) -> None:
    """Let the person know: whoever else did it has their password, or more."""
    _warn(event.person_id, "people.second_factor", {"what": event.what}, at=at)


def _warn(person_id: UUID, kind: str, params: dict[str, Any], *, at: datetime) -> None:
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person:
        notify(person=person, kind=kind, params=params, url=reverse("people:security"), at=at)


@on(AccountWaits)
def tell_administrators(event: AccountWaits, *, at: datetime) -> None:
    """Somebody waits: those who can let them in are told."""
    waiting = User.objects.filter(pk=event.person_id, waits_since__isnull=False).first()
    if waiting is None:
        return
    url = reverse("admin:people_joining_change", args=[waiting.pk])
    for admin in User.objects.filter(role=User.Role.ADMIN, is_active=True):
        params = {"name": waiting.username}
        notify(person=admin, kind="people.account_waits", params=params, url=url, at=at)


@on(JoiningDecided)
def tell_how_it_went(event: JoiningDecided, *, at: datetime) -> None:
    """Whoever waited learns whether the account is open, and what was said with it."""
    person = User.objects.filter(pk=event.person_id, is_active=True).first()
    joining = Joining.objects.filter(person_id=event.person_id).first()
    if person and joining:
        params = {"is_open": event.is_open, "sentence": joining.sentence}
        notify(person=person, kind="people.joining_decided", params=params, url="/", at=at)


@on(GuestClaimed)
def tell_what_came_along(event: GuestClaimed, *, at: datetime) -> None:
    """Let the person look at it later, and give it back; not when nothing came."""
    counts = ClaimCount.objects.filter(claim=event.claim_id, shown__gt=0)
    person = User.objects.filter(pk=event.person_id, is_active=True).first()
    if person and event.claim_id and counts.exists():
        url = reverse("people:undo_claim", args=[event.claim_id])
        notify(person=person, kind="people.guest_claimed", params={}, url=url, at=at)
