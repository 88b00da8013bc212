"""Old jobs, written out as lines of JSON before they are deleted."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.core.serializers.json import DjangoJSONEncoder

from atrium.jobs.models import Job, JobQuerySet

AT_ONCE = 500


def ended_before(moment: datetime) -> JobQuerySet:
    """Return the jobs, dead ones too, that ended before ``moment``."""
    ended = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
    return Job.objects.filter(state__in=ended, ended_at__lt=moment).order_by("pk")


def archive(before: datetime, *, to: Path) -> int:
    """Move jobs that ended before then into the gzip file ``to``; return how many.

    Each batch is on the disk before its rows go, so a crash in between leaves some in both places,
    and none in neither. The file must not exist: what was archived is never written over.
    """
    moved = 0
    with to.open("xb") as file:
        for batch in _batches(ended_before(before)):
            with gzip.GzipFile(fileobj=file, mode="wb") as packed:
                packed.writelines(_line(job) for job in batch)
            file.flush()
            os.fsync(file.fileno())
            Job.objects.filter(pk__in=[job.pk for job in batch]).delete()
            moved += len(batch)
    return moved


def _batches(jobs: JobQuerySet) -> Iterator[list[Job]]:
    while batch := list(jobs[:AT_ONCE]):
        yield batch


def _line(job: Job) -> bytes:
    values = {field.attname: getattr(job, field.attname) for field in Job._meta.concrete_fields}  # noqa: SLF001
    return json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False).encode() + b"\n"
