import json

from django.test import Client

from atrium.kit import clock as kit_clock
from atrium.people.actions import welcome_guest
from atrium.people.models import User
from atrium.people.queries import GUEST_COOKIE
from tests.api.caller import Program, problem


def test_a_key_is_its_person(alice: User) -> None:
    answer = Program(alice).ask("GET", "/me")

    assert answer.status_code == 200
    assert json.loads(answer.content) == {
        "id": str(alice.pk),
        "username": "alice",
        "email": None,
        "role": "USER",
        "plan": None,
        "credits": 0,
        "window": None,
        "has_paid": False,
    }


def test_a_session_is_its_person(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/api/v1/me").json()["username"] == "alice"


def test_a_guests_cookie_is_the_guest(client: Client, db: None) -> None:
    guest, token = welcome_guest(at=kit_clock.now())
    client.cookies[GUEST_COOKIE] = token

    found = client.get("/api/v1/me").json()

    assert (found["id"], found["role"], found["username"]) == (str(guest.pk), "GUEST", None)


def test_nobody_is_told_how_to_be_somebody(db: None) -> None:
    answer = Program().ask("GET", "/me")

    problem(answer, 401, "sign_in_needed")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_key_is_not_helped_by_a_cookie(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.get("/api/v1/me", headers={"Authorization": "Bearer atr_key_made_up"})

    problem(answer, 401, "key_not_good")
