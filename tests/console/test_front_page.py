from datetime import timedelta

import pytest
from django.test import Client

from atrium.jobs.models import Job, Worker
from atrium.kit import clock
from atrium.people.models import User
from tests import make

pytestmark = pytest.mark.django_db


def front(client: Client) -> str:
    answer = client.get("/console/")
    assert answer.status_code == 200
    return answer.content.decode()


def job(**fields: object) -> Job:
    now = clock.now()
    return Job.objects.create(**{"name": "test.nothing", "run_at": now, "made_at": now, **fields})


def worker() -> Worker:
    now = clock.now()
    return Worker.objects.create(host="here", pid=1, threads=2, started_at=now, seen_at=now)


def test_with_everything_in_order_nothing_needs_doing(operator: Client) -> None:
    worker()
    assert "Nothing waits for you." in front(operator)


def test_a_failed_job_needs_doing(operator: Client) -> None:
    worker()
    job(state=Job.State.FAILED, ended_at=clock.now())
    said = front(operator)
    assert "Nothing waits for you." not in said
    assert "?state=failed" in said


def test_that_nobody_works_needs_doing(operator: Client) -> None:
    assert "Start bin/atrium worker." in front(operator)


def test_a_job_that_waits_long_needs_doing(operator: Client) -> None:
    worker()
    job(run_at=clock.now() - timedelta(minutes=30))
    assert "30 min" in front(operator)


def test_people_are_counted(operator: Client, alice: User) -> None:
    make.guest()
    said = front(operator)
    assert "People" in said
    assert "Guests" in said
