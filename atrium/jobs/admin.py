import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.jobs import actions, queries
from atrium.jobs.models import Job, Schedule, Worker
from atrium.kit import clock
from atrium.web.console import ConsoleAdmin, Tile, button, register_tiles
from atrium.web.templatetags.ui import ago, chip

_KIND_OF_STATE = {"failed": "danger", "done": "ok"}
_FOR_ADMINS = {"arguments_shown", "trace_shown"}  # may hold what somebody wrote
_LATE = timedelta(minutes=10)


def _runs_again(job: Job) -> bool:
    return job.state in {Job.State.FAILED, Job.State.CANCELLED}


@admin.register(Job)
class JobAdmin(ConsoleAdmin):
    order = 600
    areas = ("support",)
    buttons = ("run_again", "cancel")
    empty_says = gettext_lazy("Work that the house does in the background is listed here.")
    list_display = ("name", "shown_state", "owned_by", "attempt_of", "due", "ended", "error")
    list_filter = ("state", "priority", "name")
    search_fields = ("name", "owner", "error")
    ordering = ("-id",)
    fields = (
        *(
            "id",
            "name",
            "shown_state",
            "owned_by",
            "about_kind",
            "about_id",
            "priority",
            "attempt_of",
        ),
        *("progress", "error", "made_at", "run_at", "started_at", "ended_at", "worker"),
        *("lease_until", "cancel_asked_at", "arguments_shown", "trace_shown"),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        may = request.caller.is_admin  # type: ignore[attr-defined]
        return [name for name in self.fields if may or name not in _FOR_ADMINS]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def shown_state(self, job: Job) -> SafeString:
        return chip(Job.State(job.state).label, _KIND_OF_STATE.get(job.state, ""))

    @admin.display(description=gettext_lazy("owner"), ordering="owner")
    def owned_by(self, job: Job) -> str:
        return self.who(job.owner) or "—"

    @admin.display(description=gettext_lazy("tries"))
    def attempt_of(self, job: Job) -> str:
        return f"{job.attempt} / {job.attempts}"

    @admin.display(description=gettext_lazy("due"), ordering="run_at")
    def due(self, job: Job) -> SafeString:
        return ago(job.run_at)

    @admin.display(description=gettext_lazy("ended"), ordering="ended_at")
    def ended(self, job: Job) -> SafeString:
        return ago(job.ended_at)

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, job: Job) -> str:
        done = f"{job.progress_done} / {job.progress_total}" if job.progress_total else "—"
        return f"{done} {job.progress_note}".strip()

    @admin.display(description=gettext_lazy("arguments"))
    def arguments_shown(self, job: Job) -> SafeString:
        return format_html(
            '<pre tabindex="0">{}</pre>', json.dumps(job.arguments, indent=2, ensure_ascii=False)
        )

    @admin.display(description=gettext_lazy("trace"))
    def trace_shown(self, job: Job) -> SafeString | str:
        return format_html('<pre tabindex="0">{}</pre>', job.trace) if job.trace else "—"

    @button(gettext_lazy("Run again"), audit="job.run_again", when=_runs_again)
    def run_again(self, request: HttpRequest, job: Job, told: dict[str, Any]) -> str:
        actions.run_again(job=job, at=clock.now())
        return _("The job waits for its turn again.")

    @button(
        gettext_lazy("Cancel"),
        audit="job.cancelled",
        confirm=gettext_lazy("What the job has done so far stays; the rest is not done."),
        danger=True,
        when=lambda job: job.is_unfinished and not job.cancel_asked_at,
    )
    def cancel(self, request: HttpRequest, job: Job, told: dict[str, Any]) -> str:
        cancelled = actions.cancel(job=job, at=clock.now())
        if cancelled.state == Job.State.CANCELLED:
            return _("The job is cancelled.")
        return _("The job is told to stop and does so at its next look.")


@admin.register(Schedule)
class ScheduleAdmin(ConsoleAdmin):
    order = 610
    areas = ("support",)
    buttons = ("pause", "resume")
    list_display = ("name", "rhythm", "enabled", "coming")
    ordering = ("name",)
    fields = ("name", "rhythm", "enabled", "next_at", "last_job")
    empty_says = gettext_lazy("What comes by the clock is listed here once a worker has started.")

    @admin.display(description=gettext_lazy("rhythm"))
    def rhythm(self, schedule: Schedule) -> str:
        return schedule.cron or str(timedelta(seconds=schedule.seconds))

    @admin.display(description=gettext_lazy("next"), ordering="next_at")
    def coming(self, schedule: Schedule) -> SafeString:
        return ago(schedule.next_at)

    @button(
        gettext_lazy("Pause"),
        audit="schedule.paused",
        confirm=gettext_lazy("It does not come again until somebody resumes it."),
        danger=True,
        admin_only=True,
        when=lambda schedule: schedule.enabled,
    )
    def pause(self, request: HttpRequest, schedule: Schedule, told: dict[str, Any]) -> str:
        actions.pause_schedule(schedule=schedule)
        return _("It is paused.")

    @button(
        gettext_lazy("Resume"),
        audit="schedule.resumed",
        admin_only=True,
        when=lambda schedule: not schedule.enabled,
    )
    def resume(self, request: HttpRequest, schedule: Schedule, told: dict[str, Any]) -> str:
        actions.resume_schedule(schedule=schedule)
        return _("It comes again by the clock.")


@admin.register(Worker)
class WorkerAdmin(ConsoleAdmin):
    order = 620
    areas = ("support",)
    list_display = ("host", "pid", "threads", "hands", "since", "seen")
    ordering = ("-seen_at",)
    fields = ("id", "host", "place", "pid", "threads", "hands", "started_at", "seen_at")
    empty_says = gettext_lazy(
        "No worker has reported itself yet: nothing is done in the background."
    )

    @admin.display(description=gettext_lazy("in hand"))
    def hands(self, worker: Worker) -> str:
        return ", ".join(worker.running) or "—"

    @admin.display(description=gettext_lazy("since"), ordering="started_at")
    def since(self, worker: Worker) -> SafeString:
        return ago(worker.started_at)

    @admin.display(description=gettext_lazy("seen"), ordering="seen_at")
    def seen(self, worker: Worker) -> SafeString:
        return ago(worker.seen_at)


def tiles(request: HttpRequest) -> Iterable[Tile]:
    """Say what is in hand, what failed for good, and whether anybody works."""
    now = clock.now()
    address = reverse("admin:jobs_job_changelist")
    for state, number in queries.counts_by_state().items():
        label = Job.State(state).label
        failed = state == Job.State.FAILED
        if not failed or not number:
            yield Tile(
                _("Jobs: %(state)s") % {"state": label}, number, url=f"{address}?state={state}"
            )
        else:
            note = _("They were tried as often as they may be.")
            yield Tile(_("Failed jobs"), number, note, f"{address}?state={state}", urgent=True)
    waited = queries.oldest_waiting(at=now)
    minutes = _("%(n)d min") % {"n": waited.total_seconds() // 60}
    yield Tile(_("Oldest job waits for"), minutes, url=address, urgent=waited > _LATE)
    alive = queries.workers_alive(at=now).count()
    note = "" if alive else _("Nothing is done in the background. Start bin/atrium worker.")
    address = reverse("admin:jobs_worker_changelist")
    yield Tile(_("Workers"), alive, note, address, urgent=not alive)


register_tiles(tiles, areas=("support",))
