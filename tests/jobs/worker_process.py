"""A real worker that also knows the tests' jobs: what ``python -m atrium worker`` does, no less.

Forked from a process that has imported everything, so that two dozen workers start in seconds.
"""

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.conf import settings
from django.core.management import call_command

from tests.jobs import kinds  # noqa: F401


def work(words: list[str], lease: float, log: Path, parent: Connection | None) -> None:
    """Be a worker, with ``log`` for all it says, until it is told to leave."""
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    settings.JOB_LEASE_SECONDS = lease
    if parent:
        words = [*words, "--parent-fd", str(parent.fileno())]
    call_command("worker", *words)
    sys.stdout.flush()
