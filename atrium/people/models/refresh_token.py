from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.people.agents import short_name
from atrium.people.caller import Caller


class TokenFamilyQuerySet(models.QuerySet["TokenFamily"]):
    def visible_to(self, caller: Caller) -> Self:
        return self.filter(person=caller.person) if caller.person else self.none()

    def open(self, *, at: datetime) -> Self:
        return self.filter(ended_at=None, expires_at__gt=at, person__is_active=True)

    def end(self, *, why: "TokenFamily.Why", at: datetime) -> int:
        """End those that have not ended, and return how many; their tokens open nothing more."""
        return self.filter(ended_at=None).update(ended_at=at, ended_why=why)


class TokenFamily(models.Model):
    """An app in which a person is signed in: one chain of refresh tokens, each used once.

    ``password_stamp`` says which password it was opened with, as a session's does.
    """

    class Why(models.TextChoices):
        SIGNED_OUT = "signed out", _("signed out")
        PASSWORD = "password changed", _("password changed")
        SUSPENDED = "suspended", _("account suspended")
        REUSED = "reused", _("an old token was used again")
        TOO_MANY = "too many", _("too many apps")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="token_families"
    )
    agent = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=45, blank=True)
    password_stamp = models.CharField(max_length=64)
    session_hash = models.CharField(max_length=64, blank=True, db_index=True)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=16, choices=Why.choices, blank=True)

    objects = TokenFamilyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="")
                | Q(ended_at__isnull=False) & ~Q(ended_why=""),
                name="people_ended_family_has_when_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"app of {self.person_id} since {self.made_at}"

    @property
    def app(self) -> str:
        """Its name, short enough for a list."""
        return short_name(self.agent)

    @property
    def has_the_password(self) -> bool:
        """Whether the person's password is still the one it was opened with."""
        valid = (self.person.get_session_auth_hash(), *self.person.get_session_auth_fallback_hash())
        return any(constant_time_compare(self.password_stamp, one) for one in valid)


class RefreshToken(models.Model):
    """One link of a family's chain, kept as a hash; what follows it is made when it is used."""

    family = models.ForeignKey(TokenFamily, models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    successor = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessor"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(successor=None) | Q(used_at__isnull=False),
                name="people_only_a_used_token_has_a_successor",
            ),
        ]

    def __str__(self) -> str:
        return f"refresh token until {self.expires_at}"
