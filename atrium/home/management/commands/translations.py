from typing import Any

from django.core.management.base import CommandParser

from atrium.home import catalogues
from atrium.kit.command import Answer, OperatorCommand

SHOWN = 40


class Command(OperatorCommand):
    help = "Translations: compile (.po to .mo), extract (code to .po), check (nothing is missing)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["compile", "extract", "check"])

    def answer(self, *, what: str, **options: Any) -> Answer:
        if what == "compile":
            made = catalogues.compile_all()
            return Answer({"compiled": made}, [f"Compiled: {', '.join(made) or 'nothing new'}"])
        return self._extract() if what == "extract" else self._check()

    def _extract(self) -> Answer:
        from atrium.home.said import said  # noqa: PLC0415  # Babel is no dependency of running

        texts = said()
        new = {language: catalogues.merge(language, texts) for language in catalogues.languages()}
        lines = [f"{language}: {count} new of {len(texts)}" for language, count in new.items()]
        return Answer({"total": len(texts), "new": new}, lines)

    def _check(self) -> Answer:
        from atrium.home.said import said  # noqa: PLC0415

        texts = said()
        lacks = [catalogues.lacks(language, texts) for language in catalogues.languages()]
        lines = []
        for lack in lacks:
            done = lack.total - len(lack.missing)
            lines.append(f"{lack.language}: {done} of {lack.total} translated")
            lines += [f"  missing: {text}" for text in lack.missing[:SHOWN]]
            lines += [f"  other placeholders: {text}" for text in lack.broken]
        data = [
            {
                "language": each.language,
                "total": each.total,
                "missing": each.missing,
                "broken": each.broken,
            }
            for each in lacks
        ]
        return Answer(data, lines, int(any(each.missing or each.broken for each in lacks)))
