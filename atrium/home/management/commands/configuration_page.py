from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from pydantic import SecretStr

from atrium.environment import CHECKOUT, Environment
from atrium.kit.command import Answer, OperatorCommand

PAGE = CHECKOUT / "docs" / "configuration.md"
HEAD = """# Configuration

What must be known before Atrium can boot is read once from the environment. Everything else
is set in the console, or with `bin/atrium option`.

<!-- Made from atrium/environment.py by `bin/atrium configuration_page`. -->

| variable | default | |
|---|---|---|
"""


class Command(OperatorCommand):
    help = "Write docs/configuration.md from what environment.py says, or check that it is fresh."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")

    def answer(self, *, check: bool, **options: Any) -> Answer:
        page = _page()
        fresh = PAGE.exists() and PAGE.read_text() == page
        if check and not fresh:
            name = PAGE.relative_to(CHECKOUT)
            return Answer({"fresh": False}, [f"{name} is stale: bin/atrium configuration_page"], 1)
        if not fresh:
            PAGE.write_text(page)
        return Answer({"fresh": True, "page": str(PAGE.relative_to(CHECKOUT))})


def _page() -> str:
    rows = []
    for name, field in Environment.model_fields.items():
        told = " ".join((field.description or "").split()).replace("|", "\\|")
        rows.append(f"| `ATRIUM_{name.upper()}` | {_shown(field.default)} | {told} |")
    return HEAD + "\n".join(rows) + "\n"


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Path):
        default = f"{default.relative_to(CHECKOUT)}/"
    return f"`{default}`" if default != "" else "(empty)"
