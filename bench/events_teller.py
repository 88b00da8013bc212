"""Tells, as a worker does, and notes when: ``python -m bench.events_teller PLAN``.

The plan is JSON: audiences, count (for each), pause (seconds between two), silent (without the
bell), guests (make so many first). The answer is JSON lines on the standard output.
"""

import json
import os
import sys
import time
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.db import transaction  # noqa: E402

from atrium.events.actions import tell  # noqa: E402
from atrium.kit import bell, clock  # noqa: E402
from atrium.kit.carriers.silence import Silence  # noqa: E402
from atrium.people.actions import welcome_guest  # noqa: E402


def note(moments: list[float]) -> None:
    moments.append(time.monotonic())


def main(plan: dict[str, Any]) -> None:
    for _number in range(plan.get("guests", 0)):
        guest, token = welcome_guest(at=clock.now())
        print(json.dumps([f"guest:{guest.pk}", token]))
    if plan.get("silent"):
        bell.use(Silence())
    noted: list[tuple[str, int, float, float]] = []
    for number in range(plan.get("count", 0)):
        for audience in plan["audiences"]:
            if plan.get("pause"):
                time.sleep(plan["pause"])
            began = time.monotonic()
            committed: list[float] = []
            with transaction.atomic():
                transaction.on_commit(partial(note, committed))
                seq = tell(audience, "bench", {"number": number, "text": "x" * 80}, at=clock.now())
            noted.append((audience, seq, began, committed[0]))
    for line in noted:
        print(json.dumps(line))
    sys.stdout.flush()
    time.sleep(1)  # hints leave in a thread of their own


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
