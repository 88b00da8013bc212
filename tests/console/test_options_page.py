from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.options import registry
from atrium.options.models import Setting
from atrium.options.queries import value
from atrium.options.registry import Kind, Option
from atrium.people.models import User
from tests import make
from tests.console.conftest import Enter

pytestmark = pytest.mark.django_db
LIST = "/console/options/setting/"
OPTIONS = (
    Option("test.number", Kind.INTEGER, 5, "A number.", minimum=1, maximum=10),
    Option("test.secret", Kind.STRING, "", "A secret.", secret=True),
    Option("test.choice", Kind.STRING, "open", "A choice.", choices=("open", "shut")),
    Option("test.words", Kind.STRING, "<b>&", "Words."),
    Option("test.door", Kind.STRING, "shut", "A door.", dangerous=True),
)


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    registry.register(*OPTIONS)
    yield
    for option in OPTIONS:
        registry._declared.pop(option.key)


def change(client: Client, key: str, **told: str) -> tuple[int, str]:
    answer = client.post(f"{LIST}{key}/change/", told)
    return answer.status_code, answer.content.decode()


def test_every_option_is_listed_with_what_it_says(operator: Client) -> None:
    page = operator.get(LIST).content.decode()
    for option in registry.every_option().values():
        assert f'id="{option.key}"' in page
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&" not in page


def test_an_option_is_changed_in_effect_and_audited(root: User, operator: Client) -> None:
    assert change(operator, "test.number", text="7")[0] == 302
    assert value("test.number") == 7
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.detail) == (f"person:{root.pk}", {"old": "5", "new": "7"})
    assert change(operator, "test.number", text="8", unset="1")[0] == 302
    assert value("test.number") == 5
    assert not Setting.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [("abc", "whole number"), ("11", "largest value"), ("", "required"), ("१२", "whole number")],
)
def test_a_bad_value_is_refused_beside_the_field(operator: Client, text: str, said: str) -> None:
    status, page = change(operator, "test.number", text=text)
    assert status == 422
    assert said in page
    assert value("test.number") == 5
    assert not AuditEntry.objects.exists()


def test_what_is_no_choice_is_refused(operator: Client) -> None:
    assert change(operator, "test.choice", text="ajar")[0] == 422
    assert change(operator, "test.choice", text="shut")[0] == 302


def test_a_secret_is_not_shown_again(operator: Client) -> None:
    assert change(operator, "test.secret", text="hunter2")[0] == 302
    for where in (LIST, f"{LIST}test.secret/change/", "/console/audit/auditentry/"):
        assert "hunter2" not in operator.get(where).content.decode()


def test_a_dangerous_option_asks_who_it_is_and_goes_on(root: User) -> None:
    root.set_password(make.PASSWORD)
    root.save()
    client = make.enter(Client(), root, ago=timedelta(hours=1))

    assert change(client, "test.number", text="7")[0] == 302
    asked = client.post(f"{LIST}test.door/change/", {"text": "open"})
    assert asked["Location"].startswith("/sign-in/again")
    assert value("test.door") == "shut"
    assert client.get(f"{LIST}test.door/change/").status_code == 302
    asked = client.post(f"{LIST}test.door/change/", {"text": "open"})
    client.post(asked["Location"], {"password": make.PASSWORD})
    assert value("test.door") == "open"
    assert change(client, "test.door", unset="1")[0] == 302


def test_an_option_that_is_not_there_is_404(operator: Client) -> None:
    assert operator.get(f"{LIST}no.such/change/").status_code == 404


def test_support_changes_no_option(support: User, enter: Enter) -> None:
    client = enter(support)
    assert client.get(f"{LIST}test.number/change/").status_code == 404
    assert change(client, "test.number", text="7")[0] == 404
    assert value("test.number") == 5
