import unicodedata
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id


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
    bio = models.CharField(max_length=500, blank=True)
    portrait_mark = models.CharField(max_length=16, blank=True)  # names the Portrait that stands
    role = models.CharField(max_length=5, choices=Role.choices, default=Role.USER)
    staff_areas = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    time_zone = models.CharField(max_length=40, blank=True)
    joined_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)
    anonymous_since = models.DateTimeField(null=True, blank=True)  # others read no name of theirs
    leaves_at = models.DateTimeField(null=True, blank=True)  # the person asked to be erased then
    erased_at = models.DateTimeField(null=True, blank=True)  # nothing but the number is left then
    waits_since = models.DateTimeField(null=True, blank=True)  # not open yet: see Joining

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
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(is_active=False, email="", display_name=""),
                name="people_the_erased_are_gone",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Return the one form in which a name is kept and looked up, in every script."""
        return unicodedata.normalize("NFKC", username.strip()).casefold()

    @property
    def portrait_url(self) -> str:
        """Where the picture lies, under a name of its own each time; empty without one."""
        mark = self.portrait_mark
        return f"/people/{self.pk}/picture?v={mark}" if mark else ""

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
