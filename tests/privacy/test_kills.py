"""Workers killed with -9 while they copy and while they erase: each ends once, nothing is left."""

import os
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atrium.events.actions import tell_all
from atrium.files import verification
from atrium.files.models import File
from atrium.files.storage import draft_path, path_of
from atrium.jobs.models import Job
from atrium.kit import clock
from atrium.notifications.models import Notification
from atrium.people.models import User
from atrium.privacy import actions
from atrium.privacy.models import Erasure, Export
from atrium.sources.models import Passage
from tests import make
from tests.jobs.conftest import Workers, _nursery, until, workers  # noqa: F401
from tests.privacy.scan import found_in_house

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
WORD = "quarrelsome"


_before: set[str] = set()


@pytest.fixture
def own_files(settings: Any) -> Path:
    """Where the workers keep files, which are processes of their own."""
    far = clock.now() + timedelta(days=30)
    _before.update(one.storage_name for one in verification.differences(at=far))
    return Path(settings.FILES_ROOT)


@pytest.fixture
def alice_with_much(transactional_db: None, own_files: Path) -> User:
    alice = make.person(username=f"{WORD}-alice", email=f"{WORD}@example.org")
    for number in range(3):
        make.document(
            by=alice,
            name=f"{WORD}{number}.txt",
            passages=[f"{WORD} {number} {line}" for line in range(700)],
        )
    Notification.objects.bulk_create(
        Notification(person=alice, kind="x", params={"said": WORD}, made_at=clock.now())
        for _each in range(900)
    )
    for _each in range(300):
        tell_all([f"person:{alice.pk}"], "test.said", {"said": WORD}, at=clock.now())
    return alice


def new_differences(at: Any) -> set[str]:
    """Return what is wrong with the files and was not before: other tests roll their rows back."""
    return {one.storage_name for one in verification.differences(at=at)} - _before


def kill_when(workers: Workers, comes: Callable[[], bool], *, over: Callable[[], bool]) -> None:  # noqa: F811
    """Have a worker work until something is so, and kill it there."""
    worker = workers.start(lease=1)
    until(lambda: comes() or over(), what="the moment")
    worker.kill()
    worker.join()


def test_an_erasure_that_is_killed_goes_on(
    workers: Workers,  # noqa: F811
    alice_with_much: User,
) -> None:
    alice = alice_with_much
    then = clock.now() - timedelta(minutes=5)
    erasure = actions.ask_erasure(person=alice, at_once=True, at=then)
    assert erasure.state == Erasure.State.ERASING

    def is_over() -> bool:
        return not Erasure.objects.standing().exists()

    moments: list[Callable[[], bool]] = [
        lambda: Job.objects.filter(name="privacy.erase", state="running").exists(),
        lambda: Passage.objects.count() < 1900,
        lambda: Passage.objects.count() < 1000,
        lambda: not Passage.objects.exists(),
        lambda: not File.objects.filter(person=alice).exists(),
        lambda: Notification.objects.filter(person=alice).count() < 500,
    ]
    for moment in moments:
        kill_when(workers, moment, over=is_over)
    workers.start(lease=1)
    until(is_over, what="the end")

    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.DONE
    until(lambda: not Job.objects.filter(name="privacy.erase", state="running").exists())
    assert found_in_house([WORD]) == {}
    assert Job.objects.filter(name="privacy.erase", state="done").count() == 1
    later = clock.now() + timedelta(hours=2)
    assert new_differences(later) == set()


def test_a_copy_that_is_killed_is_made_once(
    workers: Workers,  # noqa: F811
    alice_with_much: User,
) -> None:
    alice = alice_with_much
    for number in range(3):
        make.kept_file(by=alice, name=f"{number}.txt", content=os.urandom(3_000_000).hex().encode())
    export = actions.ask_export(by=make.caller(alice), at=clock.now())

    def is_over() -> bool:
        return not Export.objects.filter(state=Export.State.MAKING).exists()

    def has_written(size: int) -> Callable[[], bool]:
        def look() -> bool:
            export.refresh_from_db()
            draft = draft_path(export.draft_name) if export.draft_name else None
            return draft is not None and draft.exists() and draft.stat().st_size > size

        return look

    for size in (0, 4_000_000, 7_000_000):
        kill_when(workers, has_written(size), over=is_over)
    workers.start(lease=1)
    until(is_over, what="the end")

    export.refresh_from_db()
    assert export.state == Export.State.READY
    with zipfile.ZipFile(path_of(export.storage_name)) as kept:
        assert kept.testzip() is None
    told = Notification.objects.filter(person=alice, kind="privacy.export_ready")
    until(lambda: Job.objects.filter(name="privacy.make_export", state="done").exists())
    assert told.count() == 1
    assert list(path_of(export.storage_name).parents[3].glob("drafts/*")) == []
    later = clock.now() + timedelta(hours=2)
    assert new_differences(later) == set()
