from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from atrium.api.openapi import document
from atrium.api.reading import Chapter, Spoken, chapters
from atrium.environment import CHECKOUT
from atrium.kit.command import Answer, OperatorCommand

PAGE = CHECKOUT / "docs" / "api.md"
HEAD = """# The API

Made by `bin/atrium api_page` from the operations themselves; `/api/docs` is the same with a form
to try each, `/api/v1/openapi.json` the same for programs.

Send a key as `Authorization: Bearer atr_key_…`. What is refused comes as
`application/problem+json`.
"""


class Command(OperatorCommand):
    help = "Write docs/api.md anew; with --check only say whether it is stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def answer(self, *, check: bool, **options: Any) -> Answer:
        text = written(chapters(document()))
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
        if not check:
            PAGE.write_text(text, encoding="utf-8")
        said = f"{Path(PAGE).relative_to(CHECKOUT)} is {'stale' if stale else 'up to date'}"
        lines = [f"{said}: run bin/atrium api_page" if stale and check else said]
        return Answer({"stale": stale}, lines if check else [], status=int(stale and check))


def written(book: list[Chapter]) -> str:
    """Return the page's text."""
    parts = [HEAD]
    for chapter in book:
        parts.append(f"\n## {chapter.title.capitalize()}\n")
        parts += [_operation(one) for one in chapter.operations]
    return "".join(parts)


def _operation(one: Spoken) -> str:
    lines = [f"\n### `{one.method} {one.path}`\n\n{one.title}. {one.about}\n"]
    lines.append(f"\nFor {one.who}.\n")
    named = [parameter for parameter in one.parameters if parameter.place != "header"]
    if named:
        lines.append("\n")
    for parameter in named:
        needed = ", needed" if parameter.is_required else ""
        about = f": {parameter.about}" if parameter.about else ""
        lines.append(f"- `{parameter.name}` ({parameter.place}{needed}){about}\n")
    if one.body_example:
        lines.append(f"\n```json\n{one.body_example}\n```\n")
    lines.append("\n")
    lines += [f"- **{outcome.status}** {outcome.about}\n" for outcome in one.outcomes]
    return "".join(lines)
