from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from atrium.audit.actions import note
from atrium.kit import clock
from atrium.kit.command import Answer, OperatorCommand
from atrium.kit.sealed import Rekeyed, rekey_all


class Command(OperatorCommand):
    help = "Seal every secret in the database anew under the newest key, so that the old can go."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["rekey"])

    def answer(self, **options: Any) -> Answer:
        columns = rekey_all()
        unopened = sum(len(done.unopened) for done in columns)
        counts = {done.column: done.resealed for done in columns}
        note("secrets.rekeyed", by="console:secrets", detail=counts, at=clock.now())
        data = {"ok": not unopened, "columns": [asdict(done) for done in columns]}
        lines = [*map(_line, columns), _what_now(unopened)]
        return Answer(data, lines, status=1 if unopened else 0)


def _line(done: Rekeyed) -> str:
    said = f"{done.column}: {done.resealed} sealed anew, {done.already} were so already"
    if not done.unopened:
        return f"{said}."
    return f"{said}, {len(done.unopened)} cannot be opened: {', '.join(done.unopened[:20])}."


def _what_now(unopened: int) -> str:
    if unopened:
        return "Keep the old keys, or enter again what cannot be opened."
    return "No secret needs an older key any more."
