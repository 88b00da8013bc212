"""What every room measures, as a scraper and a load balancer read it."""

import json
from typing import Any

import pytest
from django.test import Client

from atrium.jobs.models import Job, Worker
from atrium.kit import clock
from atrium.people.models import User
from atrium.web import metrics
from tests import make
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


def measured() -> dict[str, float]:
    lines = [line for line in metrics.exposition().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def job(**fields: object) -> Job:
    now = clock.now()
    return Job.objects.create(**{"name": "test.nothing", "run_at": now, "made_at": now, **fields})


def worker() -> Worker:
    now = clock.now()
    return Worker.objects.create(host="here", pid=1, threads=2, started_at=now, seen_at=now)


def probed(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    told: dict[str, Any] = json.loads(answer.content)["probes"]["worker"]
    return answer.status_code, told


def test_the_queue_is_measured(clock: Clock) -> None:
    worker()
    job()
    job(state=Job.State.FAILED, ended_at=clock.now)
    clock.forward(seconds=30)
    found = measured()
    assert found['atrium_jobs{state="waiting"}'] == 1
    assert found['atrium_jobs{state="failed"}'] == 1
    assert found['atrium_jobs{state="running"}'] == 0
    assert found["atrium_jobs_oldest_waiting_seconds"] == 30
    assert found["atrium_jobs_dead"] == 1
    assert found["atrium_workers"] == 1
    assert found["atrium_open_streams"] == 0


def test_what_is_kept_is_measured(alice: User) -> None:
    make.kept_file(by=alice, content=b"x" * 1000)
    found = measured()
    assert found["atrium_files_kept_bytes"] == 1000
    assert found["atrium_files_free_bytes"] > 0


def test_what_cannot_be_measured_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_metrics", dict(metrics._metrics))
    metrics.Gauge("planted_broken", "For this test.", lambda: 1 / 0)
    assert "planted_broken" not in measured()
    assert "atrium_workers" in measured()


def test_without_a_worker_of_its_own_the_house_is_not_ready(
    client: Client, settings: Any, clock: Clock
) -> None:
    settings.ATRIUM = settings.ATRIUM.model_copy(update={"worker": "embedded"})
    status, told = probed(client)
    assert (status, told["ok"]) == (503, False)
    worker()
    assert probed(client) == (200, {"ok": True, "saw": "1 seen"})
    clock.forward(seconds=settings.JOB_LEASE_SECONDS + 1)
    assert probed(client)[0] == 503


def test_a_worker_that_is_somebody_elses_is_only_missed(client: Client, settings: Any) -> None:
    settings.ATRIUM = settings.ATRIUM.model_copy(update={"worker": "none"})
    status, told = probed(client)
    assert (status, told["ok"]) == (200, True)
    assert "bin/atrium worker" in told["saw"]
