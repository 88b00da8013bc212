import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection

from atrium import __main__ as entrance
from atrium.home import examination
from atrium.home.management.commands import configuration_page, serve
from atrium.kit.boot import Misconfigured
from atrium.kit.errors import Conflict


def as_json(*command: str) -> Any:
    out = StringIO()
    try:
        call_command(*command, "--json", stdout=out)
    except SystemExit as ended:
        assert ended.code == 1  # noqa: PT017
    return json.loads(out.getvalue())


def test_doctor_says_what_each_missing_thing_is_for_and_how_to_get_it(db: None) -> None:
    findings = as_json("doctor")
    assert {"Python", "Data folder", "Walls around readers", "Public address", "Mail"} <= {
        each["what"] for each in findings
    }
    for each in findings:
        if each["state"] != "good":
            assert each["purpose"], each
            assert each["way"], each


def test_doctor_names_the_engine_it_stands_on(db: None) -> None:
    names = {each["what"] for each in as_json("doctor")}
    assert ("PostgreSQL" if connection.vendor == "postgresql" else "SQLite FTS5") in names


def test_doctor_ends_with_one_when_something_must_be_put_right(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "FREE_BYTES", 10**18)
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=StringIO())
    assert ended.value.code == 1


@pytest.mark.once
def test_the_configuration_page_names_every_variable() -> None:
    page = configuration_page._page()
    for name in ("ATRIUM_DATA", "ATRIUM_SECRET_KEY", "ATRIUM_WORKER"):
        assert f"`{name}`" in page
    assert "/atrium/var" not in page  # no path of the machine it was made on


@pytest.mark.once
@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Conflict("Taken.", code="name_taken"), "name_taken"),
        (Misconfigured("No."), "misconfigured"),
    ],
)
def test_what_was_anticipated_is_said_in_one_sentence(
    trouble: Exception, code: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def refuse(argv: list[str]) -> None:
        raise trouble

    monkeypatch.setattr("django.core.management.execute_from_command_line", refuse)
    assert entrance.main(["atrium", "account", "create"]) == 1
    assert capsys.readouterr().err.strip() == str(trouble)
    assert entrance.main(["atrium", "account", "create", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == code


@pytest.mark.once
def test_without_a_subcommand_ours_are_listed() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "atrium"], capture_output=True, text=True, check=True
    )
    assert "doctor" in told.stdout
    assert "sqlflush" not in told.stdout


@pytest.mark.once
def test_a_taken_port_is_said_with_a_way_on(free_listener: Callable[[], int]) -> None:
    port = free_listener()
    with pytest.raises(CommandError, match=f"--port {port + 1}"):
        serve._listen("127.0.0.1", port)


@pytest.fixture
def free_listener() -> Any:
    listeners = []

    def listen() -> int:
        listener = serve._listen("127.0.0.1", 0)
        listener.listen()
        listeners.append(listener)
        port: int = listener.getsockname()[1]
        return port

    yield listen
    for listener in listeners:
        listener.close()


RUN_UNTIL_ENDED = {"serve", "worker"}


@pytest.mark.once
def test_every_subcommand_of_ours_takes_json() -> None:
    ours = [(name, app) for name, app in get_commands().items() if app.startswith("atrium.")]
    deaf = []
    for name, app in ours:
        if name not in RUN_UNTIL_ENDED:
            parser = load_command_class(app, name).create_parser("atrium", name)
            if not _takes_json(parser):
                deaf.append(name)
    assert deaf == []


def _takes_json(parser: ArgumentParser) -> bool:
    """Whether the parser takes ``--json``, or each of its subparsers does."""
    if any("--json" in action.option_strings for action in parser._actions):
        return True
    deeper = [
        each
        for action in parser._actions
        if isinstance(action.choices, dict)
        for each in action.choices.values()
    ]
    return bool(deeper) and all(_takes_json(each) for each in deeper)
