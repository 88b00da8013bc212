from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from atrium.kit.command import Answer, OperatorCommand
from atrium.options.registry import Option, every_option

_HEAD = """# Options

What an operator decides while Atrium runs, in the console or with `bin/atrium option set KEY VALUE`. A change is in effect everywhere within 5 seconds
and is kept in the audit list. This page is made by `bin/atrium options_page`.

| key | kind | default | allowed | what it does |
|---|---|---|---|---|
"""  # noqa: E501


class Command(OperatorCommand):
    help = "Write docs/options.md from what the rooms declare, or check that it is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def answer(self, *, check: bool, **options: Any) -> Answer:
        page = settings.CHECKOUT / "docs" / "options.md"
        wanted = written()
        is_same = page.is_file() and page.read_text() == wanted
        if check and not is_same:
            return Answer({"same": False}, ["docs/options.md is old: bin/atrium options_page"], 1)
        if not is_same:
            page.write_text(wanted)
        return Answer({"same": True}, [str(page)])


def written() -> str:
    """Return the page as it should stand."""
    return _HEAD + "".join(_row(option) for option in every_option().values())


def _row(option: Option) -> str:
    default = "" if option.secret else f"`{option.default_text}`" if option.default_text else ""
    cells = [f"`{option.key}`", option.kind.value, default, option.bounds, option.description]
    return f"| {' | '.join(_cell(str(cell)) for cell in cells)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
