"""What the owner of a job hears of it: its progress in passing, its end for sure."""

from datetime import datetime

from atrium.events.actions import tell, whisper
from atrium.jobs.models import Job
from atrium.jobs.registry import on_ended, on_progress


@on_progress
def whisper_progress(job: Job) -> None:
    if job.owner:
        whisper(
            job.owner,
            "job.progress",
            {
                **_which(job),
                "done": job.progress_done,
                "total": job.progress_total,
                "note": job.progress_note,
            },
        )


@on_ended
def tell_ending(job: Job, *, at: datetime) -> None:
    if job.owner:
        tell(
            job.owner,
            "job.ended",
            {**_which(job), "state": job.state, "error": job.error},
            at=at,
        )


def _which(job: Job) -> dict[str, str | None]:
    return {
        "job": str(job.pk),
        "name": job.name,
        "about_kind": job.about_kind,
        "about": str(job.about_id) if job.about_id else None,
    }
