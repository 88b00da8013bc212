from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection

from atrium.jobs import registry, schedules
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job, Schedule
from tests.conftest import Clock
from tests.jobs.racing import race

Marks = Callable[[], list[str]]
NAME = "test.by_the_clock"


@pytest.fixture
def row(db: None, clock: Clock) -> Iterator[Schedule]:
    registry.every(NAME, cron="*/5 * * * *", word="tick")
    schedules.keep_rows(at=clock.now)
    Schedule.objects.exclude(pk=NAME).delete()
    yield Schedule.objects.get(pk=NAME)
    registry.never(NAME)


@pytest.mark.django_db
def test_a_job_comes_by_the_clock_and_again(row: Schedule, marks: Marks, clock: Clock) -> None:
    assert row.next_at == clock.now + timedelta(minutes=5)
    assert schedules.fire(at=clock.forward(minutes=4)) == 0
    assert schedules.fire(at=clock.forward(minutes=1)) == 1
    assert schedules.fire(at=clock.now) == 0
    assert run_due() == 1
    assert schedules.fire(at=clock.forward(minutes=5)) == 1
    run_due()
    assert marks() == ["tick", "tick"]
    row.refresh_from_db()
    assert row.last_job is not None


@pytest.mark.django_db
def test_what_was_missed_in_the_night_is_made_up_for_once(
    row: Schedule, marks: Marks, clock: Clock
) -> None:
    assert schedules.fire(at=clock.forward(hours=9)) == 1
    assert schedules.fire(at=clock.now) == 0
    row.refresh_from_db()
    assert row.next_at == clock.now + timedelta(minutes=5)


@pytest.mark.django_db
def test_no_second_one_while_the_first_is_not_over(row: Schedule, clock: Clock) -> None:
    assert schedules.fire(at=clock.forward(minutes=5)) == 1
    assert schedules.fire(at=clock.forward(minutes=5)) == 0
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_switched_off_schedule_stays_off(row: Schedule, clock: Clock) -> None:
    Schedule.objects.filter(pk=NAME).update(enabled=False)
    schedules.keep_rows(at=clock.forward(hours=1))
    assert schedules.fire(at=clock.now) == 0
    assert not Schedule.objects.get(pk=NAME).enabled


@pytest.mark.django_db
def test_rows_follow_what_the_apps_registered(row: Schedule, clock: Clock) -> None:
    registry.every(NAME, timedelta(minutes=30), word="tock")
    Schedule.objects.create(name="test.of_yesterday", seconds=60, next_at=clock.now)
    schedules.keep_rows(at=clock.forward(minutes=1))
    row.refresh_from_db()
    assert (row.seconds, row.cron, row.arguments) == (1800, "", {"word": "tock"})
    assert row.next_at == clock.now + timedelta(minutes=29)
    assert not Schedule.objects.filter(pk="test.of_yesterday").exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_one_fires(row: Schedule, clock: Clock) -> None:
    clock.forward(minutes=5)
    assert sum(race(8, lambda _number: schedules.fire(at=clock.now))) == 1
    assert Job.objects.filter(name=NAME).count() == 1
    assert not connection.in_atomic_block


@pytest.mark.django_db
def test_a_row_that_nobody_declares_stands_in_nobodys_way(row: Schedule, clock: Clock) -> None:
    Schedule.objects.create(name="test.a_newer_worker_knows", seconds=60, next_at=clock.now)
    assert schedules.fire(at=clock.forward(minutes=5)) == 1
    assert Job.objects.get().name == NAME
