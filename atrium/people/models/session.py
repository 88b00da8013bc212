from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from atrium.kit.ids import new_id
from atrium.people.agents import short_name
from atrium.people.caller import Caller


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, caller: Caller) -> Self:
        """The browsers in which this person is signed in; a guest has none."""
        if caller.person is None:
            return self.none()
        return self.filter(person_id_text=str(caller.person.pk))


class Session(models.Model):
    """One signed-in or anonymous browser; the cookie's key is kept as a hash."""

    key_hash = models.CharField(max_length=64, primary_key=True)
    id = models.UUIDField(unique=True, default=new_id, editable=False)  # what a list may name
    payload = models.TextField()
    person_id_text = models.CharField(max_length=36, blank=True, db_index=True)
    agent = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=45, blank=True)  # a network, never an address
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"session until {self.expires_at}"

    @property
    def browser(self) -> str:
        """Its name, short enough for a list."""
        return short_name(self.agent)


class Device(models.Model):
    """What a person signed in with lately, and from where about: kept only as a keyed hash."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="devices")
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "digest"], name="people_a_device_stands_once_for_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"device of {self.person_id} seen at {self.seen_at}"
