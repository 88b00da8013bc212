"""What the owner of a job hears of it."""

import asyncio
from typing import Any

import pytest

from atrium.events.models import StreamEvent
from atrium.jobs.actions import cancel, enqueue
from atrium.jobs.inline import run_due
from atrium.jobs.registry import Run, job
from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.kit.offload import offload
from tests.events.listening import Reader, hub_running, stream_of

ALICE = "person:alice"


@job("test.events.count")
def count(run: Run, *, to: int) -> None:
    run.progress(to, to, "counted")


def told() -> list[tuple[str, str, dict[str, Any]]]:
    rows = StreamEvent.objects.order_by("id")
    return [(row.stream_id, row.kind, row.payload) for row in rows]


def test_the_owner_is_told_that_a_job_ended(db: None) -> None:
    about = new_id()
    made = enqueue("test.events.count", owner=ALICE, about=("thing", about), to=3, at=clock.now())
    run_due()
    assert told() == [
        (
            ALICE,
            "job.ended",
            {
                "job": str(made.pk),
                "name": "test.events.count",
                "about_kind": "thing",
                "about": str(about),
                "state": "done",
                "error": "",
            },
        )
    ]


def test_the_owner_is_told_that_a_job_was_called_off(db: None) -> None:
    cancel(job=enqueue("test.events.count", owner=ALICE, to=3, at=clock.now()), at=clock.now())
    assert [payload["state"] for _audience, _kind, payload in told()] == ["cancelled"]


def test_of_the_house_s_own_jobs_nobody_hears(db: None) -> None:
    enqueue("test.events.count", to=3, at=clock.now())
    run_due()
    assert told() == []


@pytest.mark.django_db(transaction=True)
def test_the_owner_hears_how_far_a_job_is() -> None:
    async def story() -> None:
        async with hub_running() as hub, Reader(stream_of(hub), ALICE) as reader:
            await reader.until_ready()
            await offload(enqueue, "test.events.count", owner=ALICE, to=3, at=clock.now())
            await offload(run_due)
            await reader.until(lambda reader: "job.ended" in reader.kinds)
            (progress,) = [one for one in reader.messages if one["kind"] == "job.progress"]
            assert "seq" not in progress
            assert (progress["payload"]["done"], progress["payload"]["total"]) == (3, 3)
            assert progress["payload"]["note"] == "counted"

    asyncio.run(story())
