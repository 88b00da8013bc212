import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from atrium.kit import clock
from atrium.ledger.days import first_broken_day
from atrium.ledger.queries import closed_days, figures, first_difference

AGREE = (
    "The books agree: {entries} entries, {days} closed days. Open holds: {holds}, {overdue} of"
    " them overdue; frozen: {frozen}, owed: {owed} micro-credits."
)


class Command(BaseCommand):
    help = "Looks after the books: `ledger verify` adds them up and walks along their closed days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--json", action="store_true", help="print one JSON object only")

    def handle(self, *_args: Any, **options: Any) -> None:
        difference = str(first_difference() or first_broken_day())
        said = {
            "true": not difference,
            **figures(at=clock.now()),
            "days": closed_days().count(),
            "difference": difference or None,
        }
        if options["json"]:
            self.stdout.write(json.dumps(said))
        elif difference:
            self.stdout.write(f"The books disagree. {difference}")
        else:
            self.stdout.write(AGREE.format_map(said))
        sys.exit(1 if difference else 0)
