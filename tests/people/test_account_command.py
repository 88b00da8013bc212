import json

import pytest
from django.core.management import call_command

from atrium.audit.models import AuditEntry
from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.people.actions import rescue
from atrium.people.models import User
from atrium.people.queries import caller_of
from tests import make

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> None:
    call_command("account", "create", "--username", "Root", "--password", make.PASSWORD, *arguments)


def test_it_prints_who_was_made_and_the_key_once(capsys: pytest.CaptureFixture[str]) -> None:
    create("--admin", "--email", "root@x.example", "--api-key", "script", "--json")

    found = json.loads(capsys.readouterr().out)
    person = User.objects.get()
    assert (found["id"], found["username"], found["role"]) == (str(person.pk), "root", "ADMIN")
    assert caller_of(cookies={}, authorization=f"Bearer {found['api_key']}").person == person
    assert person.check_password(make.PASSWORD)


def test_staff_have_areas() -> None:
    create("--staff", "support", "--staff", "finance")

    person = User.objects.get()
    assert (person.role, person.staff_areas) == ("USER", ["finance", "support"])
    assert person.is_staff


@pytest.mark.parametrize(
    "wrong", [["--plan", "pro"], ["--credits", "NaN"], ["--staff", "everything"], ["--email", "x"]]
)
def test_what_cannot_be_done_is_refused_and_nobody_is_made(wrong: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        create(*wrong)

    assert refused.value.detail
    assert not User.objects.exists()


def test_who_lost_everything_is_let_back_in(capsys: pytest.CaptureFixture[str]) -> None:
    person = make.person(username="alice")
    call_command("account", "rescue", "--username", "Alice", "--json")

    code = json.loads(capsys.readouterr().out)["rescue_code"]
    told = {"username": "alice", "code": code, "new": "quite another phrase"}
    assert rescue(**told, address="192.0.2.1", at=clock.now()) == person
    entry = AuditEntry.objects.get(action="people.rescue_codes_made")
    assert entry.by.startswith("console:")
