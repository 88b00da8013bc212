"""`bin/atrium account export` and `account erase`."""

import shutil
import threading
import time
from typing import Any

from django.core.management.base import CommandParser

from atrium.files.storage import path_of
from atrium.kit import clock
from atrium.kit.command import Answer
from atrium.people.account_verbs import Verb, register
from atrium.people.models import User
from atrium.privacy import actions
from atrium.privacy.models import Export

_PATIENCE = 3600  # seconds


def _export(person: User, *, by: str, reason: str, to: str, **_options: Any) -> Answer:
    export = actions.break_glass(person=person, reason=reason, by=by, at=clock.now())
    if to:
        _wait_for(export)
    data = {"id": str(export.pk), "state": export.state, "person": str(person.pk)}
    if not to:
        said = f"{person.username}: a copy is being made ({export.pk}); they are told."
        return Answer(data, [said])
    if export.state != Export.State.READY:
        said = f"The copy was not made: {export.failure or export.state}."
        return Answer({**data, "failure": export.failure}, [said], status=1)
    shutil.copyfile(path_of(export.storage_name), to)
    found = {**data, "file": to, "size": export.size, "sha256": export.sha256}
    return Answer(found, [f"{to}: {export.size} bytes, SHA-256 {export.sha256}"])


def _wait_for(export: Export) -> None:
    """Wait until a worker has made the copy, or could not."""
    deadline, pause = time.monotonic() + _PATIENCE, threading.Event()
    while export.state == Export.State.MAKING and time.monotonic() < deadline:
        pause.wait(0.2)
        export.refresh_from_db()


def _erase(person: User, *, by: str, reason: str, now: bool, **_options: Any) -> Answer:
    erasure = actions.ask_erasure(person=person, by=by, reason=reason, at_once=now, at=clock.now())
    data = {
        "id": str(erasure.pk),
        "state": erasure.state,
        "person": str(person.pk),
        "due_at": erasure.due_at.isoformat(),
    }
    return Answer(data, [f"{person.username}: {erasure.state}, due {erasure.due_at:%Y-%m-%d}"])


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("--reason", default="", help="for export and erase: why, for the person")
    parser.add_argument("--to", default="", metavar="FILE", help="for export: where it goes")
    parser.add_argument("--now", action="store_true", help="for erase: without time to think")


register(Verb("export", "copy everything of a person, with a --reason", _export, _arguments))
register(Verb("erase", "erase an account", _erase))
