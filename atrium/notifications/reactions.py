from datetime import datetime

from django.urls import reverse

from atrium.events.registry import on
from atrium.notifications.actions import notify
from atrium.people.events import NewDeviceSignedIn, RefreshTokenReused, SecondFactorTouched
from atrium.people.models import User


@on(NewDeviceSignedIn)
def tell_of_new_device(event: NewDeviceSignedIn, *, at: datetime) -> None:
    """Let the person know, so that they can act if it was somebody else."""
    person = User.objects.filter(pk=event.person_id, is_active=True).first()
    if person:
        notify(
            person=person,
            kind="people.new_sign_in",
            params={"device": event.device},
            url=reverse("people:security"),
            at=at,
        )


@on(RefreshTokenReused)
def tell_of_reused_token(event: RefreshTokenReused, *, at: datetime) -> None:
    """Let the person know that somebody else may have had a copy of an app's token."""
    person = User.objects.filter(pk=event.person_id, is_active=True).first()
    if person:
        notify(
            person=person,
            kind="people.token_reused",
            params={"device": event.device},
            url=reverse("people:security"),
            at=at,
        )


@on(SecondFactorTouched)
def tell_of_second_factor(event: SecondFactorTouched, *, at: datetime) -> None:
    """Let the person know: whoever else did it has their password, or more."""
    person = User.objects.filter(pk=event.person_id, is_active=True).first()
    if person:
        notify(
            person=person,
            kind="people.second_factor",
            params={"what": event.what},
            url=reverse("people:security"),
            at=at,
        )
