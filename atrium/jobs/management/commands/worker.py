import contextlib
import os
import signal
import sys
import threading
import time
from typing import Any

from django.core.management.base import CommandParser

from atrium.jobs.worker import Shift
from atrium.kit.command import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Run jobs until told to stop (SIGTERM); then finish what is in hand, or give it back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=2, help="jobs at a time (2)")
        parser.add_argument(
            "--grace", type=float, default=10, help="seconds to finish what is in hand (10)"
        )
        parser.add_argument(
            "--parent-fd",
            type=int,
            default=-1,
            help="leave when this pipe ends (for the web process)",
        )

    def answer(self, **options: Any) -> Answer:
        shift = Shift(threads=options["threads"], grace=options["grace"])
        parent_fd = options["parent_fd"]
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: shift.stop())
        if parent_fd >= 0:
            threading.Thread(target=_leave_with, args=(parent_fd, shift), daemon=True).start()
        shift.run()
        if not shift.hands.are_gone():
            # A hand that would not stop was fenced off; waiting for it at exit would be for ever.
            sys.stdout.flush()
            os._exit(0)
        return Answer({"ran": shift.hands.ran}, [f"Ran {shift.hands.ran} jobs."])


def _leave_with(parent_fd: int, shift: Shift) -> None:
    with contextlib.suppress(OSError):
        os.read(parent_fd, 1)
    shift.stop()
    time.sleep(shift.grace + 2)
    os._exit(1)
