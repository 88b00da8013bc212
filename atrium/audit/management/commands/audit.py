from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from atrium.audit.queries import verify
from atrium.kit.command import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Prove that nobody changed or removed an entry of the audit list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument(
            "--known",
            default="",
            metavar="NUMBER:HASH",
            help="an entry written down elsewhere, to tell of a list that was rewritten wholly",
        )

    def answer(self, *, known: str, **options: Any) -> Answer:
        verdict = verify(known=_known(known))
        data = {
            "true": verdict.is_true,
            "entries": verdict.entries,
            "head": verdict.head,
            "difference": verdict.difference,
        }
        said = f"{verdict.entries} entries, all true. Head: {verdict.head or '—'}"
        return Answer(data, [verdict.difference or said], status=0 if verdict.is_true else 1)


def _known(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    number, _, found = text.partition(":")
    if not (number.isascii() and number.isdigit() and found):
        raise CommandError("Write the entry as NUMBER:HASH.")
    return int(number), found
