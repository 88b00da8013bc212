from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit import tokens
from atrium.kit.ids import new_id
from atrium.people.caller import Caller


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, caller: Caller) -> Self:
        """Those that this person made; an administrator sees all."""
        if caller.is_admin:
            return self.all()
        return self.filter(made_by=caller.person) if caller.person else self.none()

    def usable(self, *, at: datetime) -> Self:
        """Those that let somebody in now; a role is given only by who is an administrator still."""
        may_give = Q(role="USER", staff_areas=[]) | Q(made_by__role="ADMIN")
        return self.filter(
            may_give, revoked_at=None, uses_left__gt=0, expires_at__gt=at, made_by__is_active=True
        )

    def with_token(self, token: str) -> Self:
        """The one whose link holds ``token``, whether it was shown or mailed."""
        if not tokens.looks_right(token, "invite"):
            return self.none()
        digest = tokens.digest(token)
        return self.filter(Q(token_hash=digest) | Q(mailed_token_hash=digest))


class Invitation(models.Model):
    """Lets so many people make an account until a day; its links are kept as hashes.

    A mailed one has a link of its own, which proves the address that it came to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    token_hash = models.CharField(max_length=64, unique=True)
    mailed_token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    for_email = models.EmailField(blank=True)
    role = models.CharField(max_length=5, default="USER")
    staff_areas = models.JSONField(default=list, blank=True)
    uses = models.PositiveSmallIntegerField(default=1)
    uses_left = models.PositiveSmallIntegerField(default=1)
    note = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(uses_left__lte=models.F("uses")),
                name="people_invitation_has_no_more_left_than_it_had",
            ),
            models.CheckConstraint(
                condition=Q(for_email="") | Q(uses=1), name="people_invitation_of_one_is_for_one"
            ),
        ]

    def __str__(self) -> str:
        return self.note or self.for_email or f"{self.made_at:%Y-%m-%d %H:%M}"

    def is_proved_by(self, token: str) -> bool:
        """Whether ``token`` came by mail, so that who has it reads mail to ``for_email``."""
        return bool(self.mailed_token_hash) and self.mailed_token_hash == tokens.digest(token)
