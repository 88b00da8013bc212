from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from atrium.audit.models import AuditEntry
from atrium.jobs.models import Job
from atrium.jobs.registry import Run, job
from atrium.kit import clock as kit_clock
from atrium.payments import billing_clock
from atrium.payments.actions.turning import (
    NoSandbox,
    NotASpan,
    NothingAhead,
    span_of,
    turn_clock,
    turn_clock_back,
    turn_clock_to_next,
)
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


@job("tests.by_the_billing_clock")
def by_the_clock(run: Run) -> None:
    """Comes when the clock is turned."""


@pytest.fixture
def follower(clock: Clock) -> Iterator[Any]:
    due = clock.now + timedelta(days=30)
    before = dict(billing_clock._followers)
    billing_clock._followers.clear()
    billing_clock.follow(
        "tests.by_the_billing_clock", next_at=lambda after: due if after < due else None
    )
    yield due
    billing_clock._followers.clear()
    billing_clock._followers.update(before)


def test_it_is_the_real_time_until_the_clock_is_turned(clock: Clock) -> None:
    assert billing_clock.now() == clock.now
    turned = turn_clock(span=timedelta(days=31), by="system", at=clock.now)
    assert billing_clock.now() == turned == clock.now + timedelta(days=31)
    turn_clock(span=timedelta(days=1), by="system", at=clock.now)
    assert billing_clock.now() == clock.now + timedelta(days=32)
    turn_clock_back(by="system", at=clock.now)
    assert billing_clock.now() == clock.now
    assert AuditEntry.objects.filter(action="payments.clock_turned").count() == 3


def test_what_follows_the_clock_comes_at_once(clock: Clock, follower: Any) -> None:
    turn_clock(span=timedelta(days=1), by="system", at=clock.now)
    assert Job.objects.filter(name="tests.by_the_billing_clock").count() == 1


def test_it_is_turned_to_what_is_due_next(clock: Clock, follower: Any) -> None:
    turned = turn_clock_to_next(by="system", at=clock.now)
    assert follower < turned <= follower + timedelta(seconds=2)
    with pytest.raises(NothingAhead):
        turn_clock_to_next(by="system", at=clock.now)


@pytest.mark.parametrize(
    "text", ["", "0d", "-1d", "1", "d", "+1w", "1e3d", "१२d", "99999999d", "+4000d", "1.5d", "nan"]
)
def test_it_is_turned_by_plain_spans_only(text: str) -> None:
    with pytest.raises(NotASpan):
        span_of(text)


def test_it_is_turned_by_ten_years_at_most(clock: Clock) -> None:
    turn_clock(span=timedelta(days=3660), by="system", at=clock.now)
    with pytest.raises(NotASpan):
        turn_clock(span=timedelta(days=1), by="system", at=clock.now)


def test_where_there_is_no_sandbox_there_is_no_clock_to_turn(clock: Clock, settings: Any) -> None:
    turn_clock(span=timedelta(days=31), by="system", at=clock.now)
    settings.SANDBOX = False
    assert billing_clock.now() == clock.now
    with pytest.raises(NoSandbox):
        turn_clock(span=timedelta(days=1), by="system", at=clock.now)


def test_operators_turn_it_by_a_command(capsys: Any) -> None:
    call_command("sandbox", "clock", "+31d", "--json")
    assert '"ahead_seconds": 2678400' in capsys.readouterr().out
    call_command("sandbox", "clock", "back")
    assert "0:00:00 ahead" in capsys.readouterr().out
    assert abs(billing_clock.now() - kit_clock.now()) < timedelta(minutes=1)
