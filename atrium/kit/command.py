"""What every subcommand of ``bin/atrium`` shares: ``--json``, an answer, a status."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


@dataclass(frozen=True)
class Answer:
    """What a command found out: ``data`` for ``--json``, ``lines`` for a person."""

    data: dict[str, Any] | list[Any]
    lines: Iterable[str] = ()
    status: int = 0


class OperatorCommand(BaseCommand):
    """A subcommand that returns an ``Answer``; ``--json`` prints its data and nothing else."""

    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print one JSON value, nothing else"
        )
        return parser

    def answer(self, *args: Any, **options: Any) -> Answer:
        """Do the work and say what came of it."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options.pop("as_json", False)
        found = self.answer(**options)
        if as_json:
            self.stdout.write(json.dumps(found.data, ensure_ascii=False, default=str))
        else:
            for line in found.lines:
                self.stdout.write(line)
        if found.status:
            sys.exit(found.status)
