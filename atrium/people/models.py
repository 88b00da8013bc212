import unicodedata
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.people.agents import short_name
from atrium.people.caller import Caller


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=User.normalize_username(username or ""))


class User(AbstractBaseUser):
    """A person with an account."""

    class Role(models.TextChoices):
        ADMIN = "ADMIN", _("Administrator")
        USER = "USER", _("User")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Like my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(
        max_length=40,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Letters, digits and @ . + - _; at most 40."),
    )
    email = models.EmailField(blank=True)
    display_name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=5, choices=Role.choices, default=Role.USER)
    staff_areas = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    time_zone = models.CharField(max_length=40, blank=True)
    joined_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["joined_at"]
    STAFF_AREAS: ClassVar[tuple[str, ...]] = ("support", "finance", "moderation")

    objects = UserManager()

    class Meta:
        # Lower() knows only ASCII on SQLite: names are kept in normalize_username's one form.
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="people_username_once_in_any_case"),
            models.UniqueConstraint(
                Lower("email"), name="people_email_once", condition=~Q(email="")
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Return the one form in which a name is kept and looked up, in every script."""
        return unicodedata.normalize("NFKC", username.strip()).casefold()

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this before it opens."""
        return self.is_active and (self.is_admin or bool(self.staff_areas))

    def is_staff_of(self, area: str) -> bool:
        return self.is_admin or (self.is_active and area in self.staff_areas)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's admin asks; the console narrows it by area."""
        return self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Guest(models.Model):
    """A visitor without an account, known by a random cookie of which we keep the hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claimed_guests",
    )
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_at=None)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="people_claim_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"guest {self.pk}"


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


class Attempt(models.Model):
    """How often something bounded was tried in its present window; the count is exact."""

    bucket = models.CharField(max_length=100, unique=True)
    used = models.PositiveIntegerField()
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.bucket}: {self.used}"


class FirstAdminLink(models.Model):
    """The one way to become administrator while there is none; making it anew voids the last."""

    ONLY: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="people_one_first_admin_link"),
        ]

    def __str__(self) -> str:
        return f"first administrator's link until {self.expires_at}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, caller: Caller) -> Self:
        return self.filter(person=caller.person) if caller.person else self.none()

    def usable(self, *, at: datetime) -> Self:
        return self.filter(revoked_at=None, person__is_active=True).filter(
            Q(expires_at=None) | Q(expires_at__gt=at)
        )


class ApiKey(models.Model):
    """Lets a program act for a person, within its scopes, until it expires or is revoked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)  # what a list may show
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class OwnedQuerySet(models.QuerySet[Any]):
    """The one way in to rows that belong to somebody."""

    def of(self, caller: Caller) -> Self:
        """Rows that are this caller's own."""
        if caller.person:
            return self.filter(person=caller.person)
        if caller.guest:
            # A claimed guest's cookie opens nothing any more: the rows are the person's.
            return self.filter(guest=caller.guest, person=None)
        return self.none()

    def visible_to(self, caller: Caller) -> Self:
        """Rows that this caller may see; a room with sharing widens it."""
        return self.of(caller)


class Owned(models.Model):
    """Made by a person, or by a guest whom a person may claim later; ``guest`` stays after that.

    A claim gives the person every row of the guest, unless ``moves_with_claim`` is False and the
    room sees to it itself when it hears ``GuestClaimed``.
    """

    moves_with_claim: ClassVar[bool] = True

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    guest = models.ForeignKey(
        "people.Guest", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(guest__isnull=False),
                name="%(app_label)s_%(class)s_has_an_owner",
            ),
        ]

    @property
    def audience(self) -> str:
        """The stream of whoever owns this."""
        return f"person:{self.person_id}" if self.person_id else f"guest:{self.guest_id}"
