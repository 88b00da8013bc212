import pytest
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.engines.actions import offer_built_in
from atrium.engines.suggestion import OPTION
from atrium.kit import clock
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make
from tests.chat import scripted

pytestmark = pytest.mark.django_db
SAID = "Only Reader answers so far"


@pytest.fixture
def admin(client: Client) -> User:
    offer_built_in()
    admin = make.admin()
    client.force_login(admin)
    return admin


def shown(client: Client, path: str = "/") -> bool:
    return SAID in client.get(path).content.decode()


@pytest.mark.parametrize("path", ["/", "/chat"])
def test_an_administrator_sees_how_to_connect_a_model(
    client: Client, admin: User, path: str
) -> None:
    said = client.get(path).content.decode()

    assert SAID in said
    assert "bin/atrium engine connect" in said
    assert 'href="/console/engines/provider/new/"' in said
    assert 'action="/console/engines/provider/here/"' in said


def test_it_is_gone_once_a_model_is_connected(client: Client, admin: User) -> None:
    scripted.model()

    assert not shown(client)


def test_it_is_put_away_for_good_and_the_operator_may_bring_it_back(
    client: Client, admin: User
) -> None:
    there = client.post("/first-card/put-away", {"next": "/chat"})

    assert there.headers["Location"] == "/chat"
    assert not shown(client)
    assert not shown(client, "/chat")
    set_option(key=OPTION, text="true", by=f"person:{admin.pk}", at=clock.now())
    assert shown(client)


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_it_leads_nowhere_else(client: Client, admin: User, wanted: str) -> None:
    there = client.post("/first-card/put-away", {"next": wanted})

    assert there.headers["Location"] == "/"


def test_others_neither_see_it_nor_put_it_away(client: Client, alice: User) -> None:
    offer_built_in()
    client.force_login(alice)

    assert not shown(client)
    assert not shown(client, "/chat")
    assert client.post("/first-card/put-away").status_code == 403
    assert not AuditEntry.objects.filter(action="option.set").exists()
