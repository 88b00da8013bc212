import json
from uuid import uuid4

import pytest
from django.test import Client

from atrium.people.models import ApiKey, User
from tests.api.caller import Program, problem

ASKED = {"name": "report", "scopes": ["read"]}


def test_a_key_is_made_listed_used_and_revoked(alice: User) -> None:
    program = Program(alice)

    made = json.loads(program.ask("POST", "/keys", ASKED).content)
    listed = json.loads(program.ask("GET", "/keys").content)

    assert [one["name"] for one in listed["items"]] == ["report", "program"]
    assert made["token"] not in json.dumps(listed)
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert program.client.get("/api/v1/me", headers=bearer).status_code == 200
    assert program.ask("DELETE", f"/keys/{made['id']}").status_code == 204
    assert program.client.get("/api/v1/me", headers=bearer).status_code == 401
    assert program.ask("DELETE", f"/keys/{made['id']}").status_code == 204


def test_lists_come_in_pages_without_doubles(alice: User) -> None:
    program = Program(alice)
    for number in range(4):
        program.ask("POST", "/keys", {**ASKED, "name": f"key {number}"})

    names, after, found = [], "", {"next": None}
    for _page in range(3):
        found = json.loads(program.ask("GET", f"/keys?size=2{after}").content)
        names += [one["name"] for one in found["items"]]
        after = f"&after={found['next']}"

    assert names == ["key 3", "key 2", "key 1", "key 0", "program"]
    assert found["next"] is None


def test_another_persons_key_is_not_there(alice: User, charlie: User) -> None:
    theirs = Program(alice).key

    problem(Program(charlie).ask("DELETE", f"/keys/{theirs.pk}"), 404, "not_found")
    problem(Program(charlie).ask("DELETE", f"/keys/{uuid4()}"), 404, "not_found")
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_a_guest_has_no_keys(client: Client, db: None) -> None:
    problem(client.get("/api/v1/keys"), 401, "sign_in_needed")


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("read", "write", "models")])
def test_a_key_without_the_scope_makes_no_stronger_one(
    alice: User, scopes: tuple[str, ...]
) -> None:
    program = Program(alice, *scopes)

    problem(program.ask("POST", "/keys", ASKED), 403, "scope_missing")
    problem(program.ask("GET", "/keys"), 403, "scope_missing")


@pytest.mark.parametrize(
    "more",
    [
        {"person": "00000000-0000-0000-0000-000000000000"},
        {"person_id": 1},
        {"token_hash": "0" * 64},
        {"revoked_at": None},
        {"id": "00000000-0000-0000-0000-000000000000"},
        {"role": "ADMIN"},
        {"made_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_fields_that_are_not_a_callers_are_refused(alice: User, more: dict[str, object]) -> None:
    found = problem(Program(alice).ask("POST", "/keys", {**ASKED, **more}), 422, "invalid")

    assert list(found["fields"]) == list(more)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"scopes": ["read"]}, "name"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x" * 81, "scopes": ["read"]}, "name"),
        ({"name": 1, "scopes": ["read"]}, "name"),
        ({"name": "x", "scopes": "read"}, "scopes"),
        ({"name": "x", "scopes": [1]}, "scopes.0"),
        ({"name": "x", "scopes": ["everything"]}, "scopes"),
        ({"name": "x", "scopes": ["read"], "expires_at": "soon"}, "expires_at"),
        ({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "scopes": ["read"], "expires_at": "2027-01-01T00:00:00"}, "expires_at"),
    ],
)
def test_what_is_wrong_is_named(alice: User, asked: dict[str, object], field: str) -> None:
    answer = Program(alice).ask("POST", "/keys", asked)

    assert answer.status_code == 422
    assert field in json.loads(answer.content)["fields"]
