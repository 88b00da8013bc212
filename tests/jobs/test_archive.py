import gzip
import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from atrium.jobs.models import Job
from atrium.kit import clock


@pytest.fixture
def old_and_new(db: None) -> datetime:
    """Three jobs ended long ago, one today, and one has not ended."""
    now = clock.now()
    long_ago = now - timedelta(days=100)
    for number, state in enumerate(["done", "failed", "cancelled"]):
        Job.objects.create(
            name=f"old.{number}", state=state, run_at=long_ago, made_at=long_ago, ended_at=long_ago
        )
    Job.objects.create(name="new", state="done", run_at=now, made_at=now, ended_at=now)
    Job.objects.create(name="waiting", run_at=long_ago, made_at=long_ago)
    return now


def archive(*words: str) -> dict[str, object]:
    said = StringIO()
    call_command("archive", "jobs", "--json", *words, stdout=said)
    answer: dict[str, object] = json.loads(said.getvalue())
    return answer


def test_a_dry_run_moves_nothing(old_and_new: datetime) -> None:
    assert archive("--dry-run") == {"would_move": 3}
    assert Job.objects.count() == 5


def test_old_jobs_move_into_the_file_whole(old_and_new: datetime, tmp_path: Path) -> None:
    file = tmp_path / "jobs.gz"

    assert archive("--to", str(file))["moved"] == 3

    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert {line["name"] for line in lines} == {"old.0", "old.1", "old.2"}
    assert set(Job.objects.values_list("name", flat=True)) == {"new", "waiting"}


def test_an_archive_is_never_written_over(old_and_new: datetime, tmp_path: Path) -> None:
    file = tmp_path / "jobs.gz"
    file.write_bytes(b"kept")

    with pytest.raises(CommandError):
        archive("--to", str(file))

    assert file.read_bytes() == b"kept"
    assert Job.objects.count() == 5
