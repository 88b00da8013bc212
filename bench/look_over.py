"""Look a database over after a crash; ``python -m bench.look_over wrong`` prints JSON.

``missing`` reads from its input what was acknowledged, and prints what of it is not there.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.db.models import Count, F  # noqa: E402

from atrium.chat.models import Turn  # noqa: E402
from atrium.events.models import RecordedEvent  # noqa: E402
from atrium.files.models import File  # noqa: E402
from atrium.jobs.models import Job  # noqa: E402
from atrium.ledger.models import Hold  # noqa: E402
from atrium.metering.models import Receipt  # noqa: E402
from atrium.sources.models import Document  # noqa: E402


def unfinished() -> list[str]:
    """Jobs and answers that somebody waits for and that have not ended."""
    asked_for = Job.objects.unfinished().exclude(owner="")
    written = Turn.objects.filter(state=Turn.State.WRITING)
    return [f"{job.name} is {job.state}" for job in asked_for] + [str(turn.pk) for turn in written]


def missing() -> list[str]:
    """Files and answers that were acknowledged and are gone."""
    told = json.load(sys.stdin)
    kept = {"files": File.objects, "answers": Turn.objects}
    return [
        f"{kind}: {identity} was acknowledged and is gone"
        for kind, rows in kept.items()
        for identity in told[kind]
        if not rows.filter(pk=identity).exists()
    ]


def wrong() -> list[str]:
    """What must never be so, however often we were killed."""
    return [*_broken_pages(), *_unread(), *_read_twice(), *_not_ended(), *_not_told_once()]


def _broken_pages() -> list[str]:
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        said = cursor.fetchone()[0]
    return [] if said == "ok" else [f"integrity: {said}"]


def _unread() -> list[str]:
    left = Document.objects.exclude(state=Document.State.READY)
    return [f"document {one.pk} is {one.state}: {one.failure}" for one in left]


def _read_twice() -> list[str]:
    counted = Document.objects.annotate(passages_kept=Count("passages"))
    most = counted.order_by("-passages_kept").values_list("passages_kept", flat=True).first()
    odd = counted.exclude(passages_kept=most)
    return [f"document {one.pk} has {one.passages_kept} passages, not {most}" for one in odd]


def _not_ended() -> list[str]:
    found = [f"turn {one.pk} is still written" for one in Turn.objects.filter(state="writing")]
    found += [f"receipt {one.pk} is open" for one in Receipt.objects.filter(state="open")]
    found += [f"hold {one.pk} is open" for one in Hold.objects.filter(state="held")]
    differing = Receipt.objects.exclude(charged=F("hold__settled_amount"))
    return found + [f"receipt {one.pk} says {one.charged}, its hold does not" for one in differing]


def _not_told_once() -> list[str]:
    told = RecordedEvent.objects.filter(name__endswith="DocumentRead").count()
    read = Document.objects.filter(state=Document.State.READY).count()
    return [] if told == read else [f"{read} documents were read, {told} events say so"]


if __name__ == "__main__":
    print(json.dumps({"wrong": wrong, "unfinished": unfinished, "missing": missing}[sys.argv[1]]()))
