import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.utils.translation import gettext as _

from atrium.kit.command import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Bring the data folder up to date: translations, database, static files."

    def answer(self, **options: Any) -> Answer:
        with _alone_in(settings.DATA):
            compiled = _quietly("translations", "compile")
            call_command("migrate", interactive=False, verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            link = _first_admin_link()
        lines = (
            [_("Open this once, within a day, to become the administrator:"), link] if link else []
        )
        return Answer({"compiled": compiled, "first_admin_link": link or None}, lines)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let two starts on one folder migrate one after the other."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / "prepare.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as trouble:
        raise CommandError(f"{folder} cannot be written: {trouble.strerror}.") from trouble
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _quietly(*command: str) -> bool:
    with Path(os.devnull).open("w") as nowhere:
        call_command(*command, stdout=nowhere)
    return True


def _first_admin_link() -> str:
    """Return the one-time link, or nothing when somebody is an administrator already."""
    if "first_admin_link" not in get_commands():
        return ""
    from io import StringIO  # noqa: PLC0415

    said = StringIO()
    try:
        call_command("first_admin_link", stdout=said)
    except CommandError as trouble:
        sys.stderr.write(f"{trouble}\n")
    return next((word for word in said.getvalue().split() if "://" in word), "")
