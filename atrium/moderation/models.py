from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id
from atrium.people.caller import Caller
from atrium.people.models import Owned, OwnedQuerySet, Suspension


class BlockQuerySet(models.QuerySet["Block"]):
    def visible_to(self, caller: Caller) -> Self:
        """Only one's own: nobody learns who blocks them."""
        return self.filter(person=caller.person) if caller.person else self.none()


class Block(models.Model):
    """A person wants to hear nothing from whom they named; also a name that is nobody's is kept.

    Were it not, blocking would tell which names have an account.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks")
    name = models.CharField(max_length=40)
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="moderation_blocked_once"),
            models.CheckConstraint(
                condition=Q(blocked=None) | ~Q(blocked=F("person")),
                name="moderation_nobody_blocks_themselves",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, caller: Caller) -> Self:
        """Those that hit the caller."""
        if caller.person is None:
            return self.none()
        return self.filter(person=caller.person, outcome=Decision.Outcome.UPHELD)


class Decision(models.Model):
    """What was found about a thing, who found it, and what was done; ``person`` is whom it hit."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    class Measure(models.TextChoices):
        NOTHING = "nothing", _("Nothing more")
        HIDE = "hide", _("Hide it")
        WARN = "warn", _("Warn whoever made it")
        SUSPEND = "suspend", _("Suspend whoever made it")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    about_kind = models.CharField(max_length=40)
    about_id = models.UUIDField()
    title = models.CharField(max_length=200, blank=True)
    excerpt = models.TextField(blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    measure = models.CharField(max_length=8, choices=Measure.choices, default=Measure.NOTHING)
    statement = models.TextField(blank=True)
    decided_by = models.CharField(max_length=80)  # an audience, ``system`` or ``console:<user>``
    decided_at = models.DateTimeField()
    suspension = models.ForeignKey(
        Suspension, models.SET_NULL, null=True, blank=True, related_name="decisions"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-decided_at"], name="moderation_decisions_of_one"),
        ]

    def __str__(self) -> str:
        return self.title or self.about_kind

    @property
    def done(self) -> str:
        """What was done, in words for whom it hit."""
        words: dict[str, str] = {
            self.Measure.NOTHING: gettext("Found to be wrong"),
            self.Measure.HIDE: gettext("Hidden"),
            self.Measure.WARN: gettext("A warning"),
            self.Measure.SUSPEND: gettext("Suspended"),
        }
        return words[self.measure]


OPEN_STATES = ("open", "in hand")


class ReportQuerySet(OwnedQuerySet):
    def undecided(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def overdue(self, *, hours: int, at: datetime) -> Self:
        """Those that wait longer than promised."""
        return self.undecided().filter(made_at__lt=at - timedelta(hours=hours))

    def urgent_first(self) -> Self:
        """What waits before what is decided; of what waits, the longest first."""
        return self.order_by(F("decided_at").desc(nulls_first=True), "made_at", "id")


class Report(Owned):
    """Somebody says that a thing should not be here; what they saw is kept as they saw it."""

    class Category(models.TextChoices):
        SPAM = "spam", _("Advertising or spam")
        HARASSMENT = "harassment", _("Harassment or threats")
        ILLEGAL = "illegal", _("Against the law")
        SELF_HARM = "self-harm", _("Self-harm")
        COPYRIGHT = "copyright", _("Copyright")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        IN_HAND = "in hand", _("In hand")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_as = models.CharField(max_length=60)  # the reporter's audience, whoever claims it later
    about_kind = models.CharField(max_length=40)
    about_id = models.UUIDField()
    reported = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    category = models.CharField(max_length=10, choices=Category.choices)
    text = models.TextField(blank=True)
    title = models.CharField(max_length=200, blank=True)
    excerpt = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    taken_by = models.CharField(max_length=80, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="reports"
    )

    objects = ReportQuerySet.as_manager()

    class Meta(Owned.Meta):
        constraints: ClassVar = [
            *Owned.Meta.constraints,
            models.UniqueConstraint(
                fields=["made_as", "about_kind", "about_id"],
                condition=Q(state__in=OPEN_STATES),
                name="moderation_one_open_report_of_one_and_thing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, decided_at=None, decision=None)
                | ~Q(state__in=OPEN_STATES) & Q(decided_at__isnull=False, decision__isnull=False),
                name="moderation_decided_report_has_a_decision",
            ),
            models.CheckConstraint(
                condition=~Q(state="in hand") | Q(taken_at__isnull=False) & ~Q(taken_by=""),
                name="moderation_report_in_hand_has_who_and_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["made_at"],
                name="moderation_reports_waiting",
                condition=Q(state__in=OPEN_STATES),
            ),
            models.Index(fields=["about_kind", "about_id"], name="moderation_reports_of_thing"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.about_kind} {self.about_id}"

    @property
    def is_decided(self) -> bool:
        return self.state not in OPEN_STATES


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, caller: Caller) -> Self:
        return self.filter(decision__person=caller.person) if caller.person else self.none()

    def undecided(self) -> Self:
        return self.filter(state=Appeal.State.OPEN)


class Appeal(models.Model):
    """Whom a decision hit says, once, why it is wrong."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("The decision stands")
        OVERTURNED = "overturned", _("The decision is undone")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.OneToOneField(Decision, models.CASCADE, related_name="appeal")
    text = models.TextField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    statement = models.TextField(blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None)
                | ~Q(state="open") & Q(decided_at__isnull=False) & ~Q(decided_by=""),
                name="moderation_decided_appeal_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return str(self.decision)


class Opening(models.Model):
    """A moderator broke the glass around one reported thing: for a reason, and for an hour."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="openings")
    by = models.CharField(max_length=80)
    reason = models.TextField()
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.by} until {self.ends_at}"
