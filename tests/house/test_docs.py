"""What the documents name is there: files, commands, links."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from atrium.environment import CHECKOUT
from atrium.web import metrics

pytestmark = pytest.mark.once

PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])
TOP = {path.name for path in CHECKOUT.iterdir()}
PATH = re.compile(r"`([\w.][\w./-]*/[\w./-]*)`")
COMMAND = re.compile(r"bin/atrium ([a-z_]+)((?: [\w-]+)*)")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
NOT_KEPT = ("var/", ".venv/", "static/", "files/", "bells/", "incoming/", "keys/")
"""Folders that a running Atrium makes."""


def paths_in(text: str) -> Iterator[str]:
    """Yield each path of ours that ``text`` names in backticks; patterns and places are none."""
    for path in PATH.findall(text):
        is_ours = path.partition("/")[0] in TOP
        if is_ours and not path.startswith(NOT_KEPT):
            yield path


def commands_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield each of our commands that ``text`` names, with the word after it if it has one."""
    for name, rest in COMMAND.findall(text):
        yield name, rest.split()[0] if rest.split() else ""


def links_in(text: str) -> Iterator[str]:
    """Yield each link of ``text`` that stays in the repository."""
    yield from (link for link in LINK.findall(text) if "://" not in link)


def subcommands(name: str) -> set[str]:
    """Return the words that may follow a command of ours."""
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("atrium", name)
    found = (action.choices for action in parser._actions if not action.option_strings)
    return {str(choice) for choices in found if choices for choice in choices}


def wrong_in(page: Path) -> list[str]:
    """Return what ``page`` names that is not there."""
    text = page.read_text()
    wrong = [path for path in paths_in(text) if not (CHECKOUT / path).exists()]
    wrong += [link for link in links_in(text) if not (page.parent / link).exists()]
    for name, word in commands_in(text):
        if name not in get_commands():
            wrong.append(f"bin/atrium {name}")
        elif word and (known := subcommands(name)) and word not in known:
            wrong.append(f"bin/atrium {name} {word}")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_a_document_names_only_what_is_there(page: Path) -> None:
    assert wrong_in(page) == []


def test_what_is_not_there_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "See `atrium/kit/limits.py` and `atrium/kit/no_such.py`, `/etc/other`, `var/x`,"
        " [this](page.md), [that](gone.md), run `bin/atrium doctor`, `bin/atrium brew`,"
        " `bin/atrium ledger verify` or `bin/atrium ledger burn`."
    )
    assert wrong_in(page) == [
        "atrium/kit/no_such.py",
        "gone.md",
        "bin/atrium brew",
        "bin/atrium ledger burn",
    ]


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in sorted((CHECKOUT / "docs" / "decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_variable_is_spelled_as_the_environment_reads_it() -> None:
    known = (CHECKOUT / "docs" / "configuration.md").read_text()
    files = [*PAGES, CHECKOUT / "Dockerfile", CHECKOUT / "compose.yaml", CHECKOUT / "bin" / "dev"]
    named = {name for path in files for name in re.findall(r"\bATRIUM_[A-Z_]+\b", path.read_text())}
    ours_elsewhere = {"ATRIUM_NAME", "ATRIUM_UPSTREAM", "ATRIUM_PYTHON", "ATRIUM_TEST_PICTURES"}
    assert {name for name in named - ours_elsewhere if f"`{name}`" not in known} == set()


def test_every_measure_is_explained() -> None:
    """``docs/operating/monitoring.md`` names what ``/metrics`` says, and nothing else."""
    page = (CHECKOUT / "docs" / "operating" / "monitoring.md").read_text()
    explained = set(re.findall(r"`(atrium_[a-z_]+)`", page))
    assert explained == set(metrics._metrics)
