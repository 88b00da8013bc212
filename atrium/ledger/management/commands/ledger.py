import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from atrium.kit import clock
from atrium.ledger.queries import figures, first_difference

AGREE = (
    "The books agree: {entries} entries. Open holds: {holds}, {overdue} of them overdue;"
    " frozen: {frozen}, owed: {owed} micro-credits."
)


class Command(BaseCommand):
    help = "Looks after the books: `ledger verify` adds them up from their rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--json", action="store_true", help="print one JSON object only")

    def handle(self, *_args: Any, **options: Any) -> None:
        difference = first_difference()
        said = {
            "true": difference is None,
            **figures(at=clock.now()),
            "difference": str(difference) if difference else None,
        }
        if options["json"]:
            self.stdout.write(json.dumps(said))
        elif difference:
            self.stdout.write(f"The books disagree. {difference}")
        else:
            self.stdout.write(AGREE.format_map(said))
        sys.exit(0 if difference is None else 1)
