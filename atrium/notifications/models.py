from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.people.caller import Caller


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, caller: Caller) -> Self:
        """A notification is for one person; guests get none."""
        return self.filter(person=caller.person) if caller.person else self.none()

    def in_app(self) -> Self:
        """Those that the person wants to see here, not only by mail."""
        return self.filter(is_in_app=True)

    def unread(self) -> Self:
        return self.filter(read_at=None, is_in_app=True)

    def newest_first(self) -> Self:
        return self.order_by("-made_at", "-id")


class Notification(models.Model):
    """Something that a person is told; its words are made of ``kind`` and ``params`` when read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=300, blank=True)  # a path of ours
    is_in_app = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-made_at", "-id"], name="notifications_of_a_person"),
            models.Index(
                fields=["person"],
                name="notifications_unread",
                condition=Q(read_at=None, is_in_app=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class Channel(models.TextChoices):
    IN_APP = "in_app", _("Here")
    MAIL = "mail", _("By mail")


class Choice(models.Model):
    """Whether a person wants one kind on one channel, where that is not what we would do anyway."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_choices"
    )
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    is_wanted = models.BooleanField()
    chosen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind", "channel"],
                name="notifications_one_choice_for_kind_and_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}: {self.is_wanted}"


class Mail(models.Model):
    """One letter about one notification; ``sent_at`` keeps it from being sent again."""

    notification = models.OneToOneField(Notification, models.CASCADE, related_name="mail")
    message_id = models.CharField(max_length=120, unique=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    why_not = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(given_up_at=None),
                name="notifications_mail_ends_one_way",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class Address(models.Model):
    """What mail servers said about an address, so that we stop writing to one that is dead."""

    email = models.CharField(max_length=254, primary_key=True)  # in small letters
    refusals = models.PositiveSmallIntegerField(default=0)
    last_refusal = models.CharField(max_length=300, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    bouncing_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.email


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def to_come_or_now(self, *, at: datetime) -> Self:
        """Those that are not over; they begin now or later."""
        return self.filter(withdrawn_at=None).filter(Q(ends_at=None) | Q(ends_at__gt=at))


class Announcement(models.Model):
    """What the operator tells everybody for a while, in a bar above each page."""

    class Level(models.TextChoices):
        INFO = "info", _("For your information")
        WARNING = "warning", _("A warning")

    class Audience(models.TextChoices):
        EVERYBODY = "everybody", _("Everybody, strangers included")
        MEMBERS = "members", _("Who has an account")
        STAFF = "staff", _("Staff and administrators")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    text = models.CharField(max_length=500)
    level = models.CharField(max_length=7, choices=Level.choices, default=Level.INFO)
    link = models.CharField(max_length=300, blank=True)  # a path of ours, or https elsewhere
    shown_to = models.CharField(max_length=9, choices=Audience.choices, default=Audience.EVERYBODY)
    is_dismissible = models.BooleanField(default=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)  # an audience, as the audit list has
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("begins_at")),
                name="notifications_announcement_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    def is_current(self, *, at: datetime) -> bool:
        is_on = self.withdrawn_at is None and self.begins_at <= at
        return is_on and (self.ends_at is None or self.ends_at > at)


class Dismissal(models.Model):
    """That a person has read an announcement and wants to see it no more, in any browser."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="dismissals")
    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="dismissals")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "announcement"],
                name="notifications_an_announcement_is_dismissed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} by {self.person_id}"
