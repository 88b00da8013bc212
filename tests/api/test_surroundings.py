import json

import pytest
from django.test import Client

from atrium.people.models import ApiKey, User
from tests.api.caller import Program, problem

ASKED = {"name": "report", "scopes": ["read"]}


def test_an_address_that_is_not_there_is_a_problem(db: None) -> None:
    problem(Program().ask("GET", "/nowhere"), 404, "not_found")
    problem(Program().ask("GET", ""), 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_not_there_names_those_that_are(alice: User, method: str) -> None:
    answer = Program(alice).ask(method, "/keys")

    problem(answer, 405, "wrong_method")
    assert answer["Allow"] == "GET, HEAD, POST"


def test_head_answers_like_get(alice: User) -> None:
    assert Program(alice).ask("HEAD", "/me").status_code == 200


def test_a_body_of_another_kind_is_refused(alice: User) -> None:
    program = Program(alice)

    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = program.client.post(
            "/api/v1/keys", json.dumps(ASKED), content_type=kind, headers=program.headers
        )
        problem(answer, 415, "unsupported_kind")


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[" * 100_000,
        b'{"name": NaN, "scopes": ["read"]}',
        b'{"name": "\\u0000", "scopes": ["read"]}',
        b'{"name": "\\ud800", "scopes": ["read"]}',
        b'{"name": "\xff", "scopes": ["read"]}',
    ],
    ids=["cut off", "deep", "not a number", "nul", "half a character", "not utf-8"],
)
def test_json_that_is_none_is_malformed(alice: User, raw: bytes) -> None:
    answer = Program(alice).ask("POST", "/keys", raw)

    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("raw", [b"[]", b"null", b"1", b'"text"', b'[["a"]]'])
def test_json_of_another_shape_is_invalid(alice: User, raw: bytes) -> None:
    problem(Program(alice).ask("POST", "/keys", raw), 422, "invalid")


def test_no_body_at_all_is_said_to_be_missing(alice: User) -> None:
    found = problem(Program(alice).ask("POST", "/keys"), 422, "invalid")

    assert found["fields"]


def test_a_nul_in_the_address_is_refused(alice: User) -> None:
    assert Program(alice).ask("GET", "/keys?after=%00").status_code == 400
    assert Program(alice).ask("GET", "/keys?%00=1").status_code == 400


def test_a_forged_place_in_a_list_is_refused(alice: User) -> None:
    problem(Program(alice).ask("GET", "/keys?after=made-up"), 400, "bad_cursor")


@pytest.mark.parametrize("size", ["0", "-1", "201", "many", "1e9", "१"])
def test_the_size_of_a_page_has_bounds(alice: User, size: str) -> None:
    found = problem(Program(alice).ask("GET", f"/keys?size={size}"), 422, "invalid")

    assert list(found["fields"]) == ["size"]


def test_a_cookie_alone_changes_nothing_from_elsewhere(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    answer = strict.post("/api/v1/keys", ASKED, content_type="application/json")

    problem(answer, 403, "csrf_failed")
    assert not ApiKey.objects.exists()


def test_a_page_of_ours_sends_its_token_along(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    page = strict.get("/api/docs")
    token = page.content.decode().split('name="csrf" content="')[1].split('"')[0]

    answer = strict.post(
        "/api/v1/keys", ASKED, content_type="application/json", headers={"X-CSRFToken": token}
    )

    assert answer.status_code == 201


def test_every_answer_is_private_and_has_a_name(alice: User) -> None:
    first, second = Program(alice).ask("GET", "/me"), Program(alice).ask("GET", "/keys?size=0")

    for answer in (first, second):
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Request-Id"]
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_who_may_not_learns_nothing_of_what_was_wrong(alice: User) -> None:
    problem(Program().ask("POST", "/keys", {}, X_CSRFToken="no"), 403, "csrf_failed")
    problem(Program(alice, "read").ask("POST", "/keys", {}), 403, "scope_missing")
