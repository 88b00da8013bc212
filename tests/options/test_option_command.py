import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from atrium.audit.models import AuditEntry
from atrium.options.queries import value

pytestmark = pytest.mark.django_db


def said(*words: str) -> Any:
    out = StringIO()
    call_command("option", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def plainly(*words: str) -> str:
    out = StringIO()
    call_command("option", *words, stdout=out)
    return out.getvalue().strip()


def test_the_list_has_every_option_once_with_what_is_allowed() -> None:
    found = {line["key"]: line for line in said("list")}
    assert found["test.number"]["default"] == found["test.number"]["value"] == 5
    assert (found["test.number"]["minimum"], found["test.number"]["maximum"]) == (1, 10)
    assert found["test.number"]["kind"] == "INTEGER"


def test_set_get_and_unset_go_round() -> None:
    assert plainly("get", "test.number") == "5"
    assert said("set", "test.number", "7")["value"] == 7
    assert plainly("get", "test.number") == "7"
    assert value("test.number") == 7
    assert said("unset", "test.number")["value"] == 5


def test_who_changed_it_is_the_one_at_the_console() -> None:
    said("set", "test.number", "7")
    assert AuditEntry.objects.get().by.startswith("console:")
    assert said("get", "test.number")["changed_by"].startswith("console:")


def test_a_bad_value_is_refused_with_its_sentence() -> None:
    with pytest.raises(CommandError, match="whole number"):
        said("set", "test.number", "abc")
    with pytest.raises(CommandError, match="largest"):
        said("set", "test.number", "11")
    with pytest.raises(CommandError, match="no option named"):
        said("get", "no.such")
    with pytest.raises(CommandError, match="set KEY VALUE"):
        said("set", "test.number")


def test_a_secret_is_set_from_the_standard_input_and_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("hunter2\n"))
    assert "hunter2" not in json.dumps(said("set", "test.secret", "-"))
    assert value("test.secret") == "hunter2"
    assert "hunter2" not in json.dumps(said("list"))
    assert plainly("get", "test.secret") == "••••••"
