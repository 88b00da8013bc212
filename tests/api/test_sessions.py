import json

from django.test import Client

from atrium.people.models import Session, User
from tests.api.caller import Program, problem


def test_a_person_sees_their_browsers_and_ends_one(alice: User, bob: User) -> None:
    here, there, bobs = Client(), Client(), Client()
    for client, person in ((here, alice), (there, alice), (bobs, bob)):
        client.force_login(person)

    items = here.get("/api/v1/sessions").json()["items"]

    assert [one["is_this_one"] for one in items].count(True) == 1
    assert len(items) == 2
    other = next(one for one in items if not one["is_this_one"])
    assert here.delete(f"/api/v1/sessions/{other['id']}").status_code == 204
    assert there.get("/api/v1/me").status_code == 401
    assert here.get("/api/v1/me").status_code == 200
    problem(bobs.delete(f"/api/v1/sessions/{items[0]['id']}"), 404, "not_found")


def test_all_others_end_at_once(alice: User) -> None:
    here, there = Client(), Client()
    here.force_login(alice)
    there.force_login(alice)

    assert here.delete("/api/v1/sessions").status_code == 204

    assert there.get("/api/v1/me").status_code == 401
    assert here.get("/api/v1/me").status_code == 200


def test_a_key_signs_every_browser_out(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)

    assert Program(alice).ask("DELETE", "/sessions").status_code == 204

    assert not Session.objects.exists()


def test_no_answer_holds_a_session_key(client: Client, alice: User) -> None:
    client.force_login(alice)

    said = json.dumps(client.get("/api/v1/sessions").json())

    assert client.cookies["session"].value not in said
    assert Session.objects.get().key_hash not in said
