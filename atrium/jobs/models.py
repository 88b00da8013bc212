from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from atrium.kit.ids import new_id


class Priority(models.IntegerChoices):
    """What goes first whoever asks; the lower the sooner."""

    NOW = 0, _("Now")
    SOON = 10, _("Soon")
    NORMAL = 20, _("Normal")
    LATER = 30, _("Later")


class JobQuerySet(models.QuerySet["Job"]):
    def of(self, owner: str) -> Self:
        """Jobs done for ``owner``, an audience such as ``person:<uuid>``."""
        return self.filter(owner=owner)

    def about(self, kind: str, identity: object) -> Self:
        return self.filter(about_kind=kind, about_id=identity)

    def unfinished(self) -> Self:
        return self.filter(state__in=Job.UNFINISHED)

    def dead(self) -> Self:
        """Jobs that were tried as often as they may be, and failed."""
        return self.filter(state=Job.State.FAILED)


class Job(models.Model):
    """One thing to do, from the moment it is asked for until it ended."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SCHEDULED = "scheduled", _("Scheduled")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    UNFINISHED: ClassVar[tuple[State, ...]] = (State.WAITING, State.SCHEDULED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict, blank=True)
    owner = models.CharField(max_length=60, blank=True)  # an audience; the house when empty
    about_kind = models.CharField(max_length=60, blank=True)
    about_id = models.UUIDField(null=True, blank=True)
    key = models.CharField(max_length=200, blank=True)

    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    turn = models.BigIntegerField(default=0)
    run_at = models.DateTimeField()
    attempt = models.SmallIntegerField(default=0)
    attempts = models.SmallIntegerField(default=3)

    fence = models.BigIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)

    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True)  # fit to show to the owner
    trace = models.TextField(blank=True)  # for the console only

    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        # Few indexes, and partial: each claim and each ending writes into all that match.
        indexes: ClassVar = [
            models.Index(
                "priority", "turn", "id", name="jobs_in_turn", condition=Q(state="waiting")
            ),
            models.Index(
                "owner",
                "priority",
                "turn",
                name="jobs_turns_of_owner",
                condition=Q(state="waiting") & ~Q(owner=""),
            ),
            models.Index("run_at", name="jobs_to_come", condition=Q(state="scheduled")),
            models.Index("lease_until", name="jobs_under_lease", condition=Q(state="running")),
            models.Index("ended_at", name="jobs_dead", condition=Q(state="failed")),
            models.Index(
                "about_kind", "about_id", name="jobs_about", condition=Q(about_id__isnull=False)
            ),
            models.Index("owner", "id", name="jobs_of_owner", condition=~Q(owner="")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint("key", name="jobs_key_once", condition=~Q(key="")),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until=None)),
                name="jobs_lease_while_running_only",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("done", "failed", "cancelled"), ended_at__isnull=False)
                | Q(state__in=("waiting", "scheduled", "running"), ended_at=None),
                name="jobs_ended_says_when",
            ),
            models.CheckConstraint(
                condition=Q(attempt__gte=0, attempts__gte=1), name="jobs_attempts_are_counted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED


class Schedule(models.Model):
    """A job that comes by the clock: every so many seconds, or when ``cron`` says."""

    name = models.CharField(max_length=80, primary_key=True)  # the job's name
    seconds = models.PositiveIntegerField(default=0)
    cron = models.CharField(max_length=80, blank=True)
    arguments = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)  # the operator's switch
    next_at = models.DateTimeField()
    last_job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(seconds__gt=0, cron="") | (Q(seconds=0) & ~Q(cron="")),
                name="jobs_schedule_by_seconds_or_cron",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WorkerQuerySet(models.QuerySet["Worker"]):
    def seen_since(self, at: datetime) -> Self:
        return self.filter(seen_at__gte=at)


class Worker(models.Model):
    """A process that runs jobs, as it last reported itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    host = models.CharField(max_length=120)
    place = models.CharField(max_length=120, blank=True)  # where ``pid`` means one process
    pid = models.PositiveIntegerField()
    threads = models.PositiveSmallIntegerField()
    running = models.JSONField(default=list)  # names of the jobs in hand
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    leaving_at = models.DateTimeField(null=True, blank=True)  # told to stop; begins nothing more

    objects = WorkerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}"

    @property
    def name(self) -> str:
        """What a claimed job carries in ``worker``."""
        return str(self.pk)
