from collections.abc import Callable
from datetime import timedelta

import pytest

from atrium.jobs import queue
from atrium.jobs.actions import enqueue
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from tests.conftest import Clock

pytestmark = pytest.mark.django_db
Marks = Callable[[], list[str]]


def ask(owner: str, word: str, clock: Clock, delay: timedelta | None = None) -> Job:
    return enqueue("test.mark", owner=owner, word=word, at=clock.now, delay=delay)


def test_one_job_does_not_wait_behind_a_hundred_of_another_person(
    marks: Marks, clock: Clock
) -> None:
    for number in range(100):
        ask("person:greedy", f"greedy {number}", clock)
    ask("person:modest", "modest", clock)
    run_due()
    assert marks().index("modest") <= 2


def test_two_people_with_much_to_do_take_turns(marks: Marks, clock: Clock) -> None:
    for number in range(10):
        ask("person:a", f"a{number}", clock)
    for number in range(10):
        ask("person:b", f"b{number}", clock)
    run_due()
    done = marks()
    for first in range(2, 18, 2):
        assert {word[0] for word in done[first : first + 2]} == {"a", "b"}
    assert [word for word in done if word[0] == "a"] == [f"a{n}" for n in range(10)]


def test_who_comes_late_neither_waits_for_nor_overtakes_the_whole_queue(
    marks: Marks, clock: Clock
) -> None:
    for number in range(20):
        ask("person:a", f"a{number}", clock)
    claim_and_finish(10)
    for number in range(20):
        ask("person:b", f"b{number}", clock)
    run_due()
    after = marks()
    assert {word[0] for word in after[:4]} == {"a", "b"}
    assert [word[0] for word in after[:18]].count("a") in range(8, 11)


def claim_and_finish(count: int) -> None:
    """Have ``count`` jobs begun by somebody, and be out of the way."""
    taken = Job.objects.filter(state="waiting").order_by("priority", "turn", "id")[:count]
    Job.objects.filter(pk__in=[job.pk for job in taken]).delete()


def test_the_house_is_a_stranger_each_time_and_starves_nobody(marks: Marks, clock: Clock) -> None:
    for number in range(5):
        ask("person:a", f"a{number}", clock)
    for number in range(30):
        ask("", f"house{number}", clock)
    ask("person:b", "b", clock)
    run_due()
    done = marks()
    assert done.index("house0") <= 2
    assert done.index("b") <= 33
    assert done.index("a4") >= done.index("b")


def test_delayed_jobs_take_their_turn_when_they_come_due(marks: Marks, clock: Clock) -> None:
    for number in range(50):
        ask("person:a", f"a{number}", clock, delay=timedelta(minutes=1))
    clock.forward(minutes=1)
    queue.promote(at=clock.now)
    ask("person:b", "b", clock)
    run_due()
    assert marks().index("b") <= 2


def test_a_turn_from_a_queue_of_long_ago_is_not_kept(marks: Marks, clock: Clock) -> None:
    for number in range(30):
        ask("person:a", f"a{number}", clock)
    last = Job.objects.order_by("-turn").first()
    assert last is not None
    Job.objects.filter(pk=last.pk).update(state="scheduled", run_at=clock.now)
    Job.objects.exclude(pk=last.pk).delete()
    for number in range(10):
        ask("person:b", f"b{number}", clock)
    queue.promote(at=clock.now)
    run_due()
    assert marks().index("a29") <= 2
