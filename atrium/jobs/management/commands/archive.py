from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import CommandParser

from atrium.jobs.archive import archive, ended_before
from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Move old rows into a file: `archive jobs --days 90 [--to FILE] [--dry-run]`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["jobs"])
        parser.add_argument("--days", type=int, default=90, help="that ended so many days ago")
        parser.add_argument("--to", type=Path, help="a gzip file that does not exist yet")
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def answer(self, *, days: int, to: Path | None, dry_run: bool, **_rest: Any) -> Answer:
        if days < 1:
            raise CommandError("--days is at least 1.")
        now = clock.now()
        before = now - timedelta(days=days)
        if dry_run:
            count = ended_before(before).count()
            return Answer({"would_move": count}, [f"{count} jobs would be moved."])
        to = to or settings.DATA / "archive" / f"jobs-{now:%Y%m%dT%H%M%S}.jsonl.gz"
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            count = archive(before, to=to)
        except FileExistsError as trouble:
            raise CommandError(f"{to} exists; nothing was moved.") from trouble
        return Answer({"moved": count, "to": str(to)}, [f"{count} jobs were moved to {to}."])
