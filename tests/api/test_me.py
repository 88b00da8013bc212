import json

import pytest
from django.test import Client

from atrium.kit import clock as kit_clock
from atrium.people import paying
from atrium.people.actions import welcome_guest
from atrium.people.models import User
from atrium.people.queries import GUEST_COOKIE
from tests.api.caller import Program, problem


def test_a_key_is_its_person(alice: User) -> None:
    answer = Program(alice).ask("GET", "/me")

    assert answer.status_code == 200
    found = json.loads(answer.content)
    assert found.pop("joined_at")[:10] == alice.joined_at.date().isoformat()
    assert found == {
        "id": str(alice.pk),
        "username": "alice",
        "email": None,
        "display_name": "",
        "bio": "",
        "picture": None,
        "language": "",
        "theme": "system",
        "time_zone": "",
        "role": "USER",
        "plan": "basic",
        "credits": 0,
        "window": {"limit": 100_000, "used": 0, "opens_at": None, "resets_at": None},
        "has_paid": False,
        "payment_date": None,
    }


def test_what_is_named_is_changed_and_nothing_else(client: Client, alice: User) -> None:
    client.force_login(alice)

    answer = client.patch(
        "/api/v1/me", {"bio": "Grows beans.", "theme": "dark"}, content_type="application/json"
    )

    alice.refresh_from_db()
    assert (answer.status_code, answer.json()["bio"]) == (200, "Grows beans.")
    assert (alice.bio, alice.theme, alice.language, alice.role) == (
        *("Grows beans.", "dark", ""),
        "USER",
    )


@pytest.mark.parametrize(
    "wrong", [{"theme": "pink"}, {"time_zone": "Mars/Base"}, {"bio": "x" * 501}, {"role": "ADMIN"}]
)
def test_what_cannot_be_is_refused(client: Client, alice: User, wrong: dict[str, str]) -> None:
    client.force_login(alice)

    answer = client.patch("/api/v1/me", wrong, content_type="application/json")

    assert answer.status_code == 422
    alice.refresh_from_db()
    assert (alice.theme, alice.bio, alice.role) == ("system", "", "USER")


def test_who_paid_is_asked_of_the_room_that_knows(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = kit_clock.now()
    monkeypatch.setattr(paying, "_found_by", [lambda person: None, lambda person: moment])
    client.force_login(alice)

    found = client.get("/api/v1/me").json()

    assert found["has_paid"]
    assert found["payment_date"][:19] == moment.isoformat()[:19]


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
