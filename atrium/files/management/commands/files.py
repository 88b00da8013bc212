from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from atrium.files import verification
from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Look after files: verify that every row has its bytes, and all bytes have a row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])

    def answer(self, **options: Any) -> Answer:
        """Exit 0 when everything agrees, 1 with the first difference named otherwise."""
        first, found = None, 0
        for difference in verification.differences(at=clock.now()):
            first = first or difference
            found += 1
        checked = verification.count()
        data = {
            "ok": first is None,
            "files": checked,
            "differences": found,
            "first": asdict(first) if first else None,
        }
        if first is None:
            return Answer(data, [f"{checked} files, and each is as it was received."])
        return Answer(data, [f"{found} differences; the first: {first}"], status=1)
