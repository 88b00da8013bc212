import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from atrium.kit import clock as kit_clock
from atrium.people.actions import issue_key, welcome_guest
from atrium.people.models import User
from atrium.people.queries import GUEST_COOKIE
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def ask(client: AsyncClient, **headers: str) -> str:
    """Return the name that the API knows who asks by, asked over ASGI."""
    answer = async_to_sync(client.get)("/api/v1/me", headers=headers)
    return str(answer.json().get("username") or answer.json().get("role") or answer.status_code)


def test_over_asgi_a_session_is_its_person() -> None:
    client = AsyncClient()
    client.force_login(make.person(username="alice"))

    assert ask(client) == "alice"


def test_over_asgi_a_guests_cookie_is_the_guest() -> None:
    client = AsyncClient()
    client.cookies[GUEST_COOKIE] = welcome_guest(at=kit_clock.now())[1]

    assert ask(client) == "GUEST"


def test_over_asgi_a_key_is_its_person_and_a_wrong_one_nobody() -> None:
    alice: User = make.person(username="alice")
    _key, token = issue_key(person=alice, name="x", scopes=["read"], at=kit_clock.now())
    client = AsyncClient()
    client.force_login(make.person(username="bob"))

    assert ask(client, Authorization=f"Bearer {token}") == "alice"
    assert ask(client, Authorization="Bearer atr_key_made_up") == "401"


def test_over_asgi_nobody_is_nobody() -> None:
    assert ask(AsyncClient()) == "401"
