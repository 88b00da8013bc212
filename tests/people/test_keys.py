from datetime import timedelta
from typing import cast

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from atrium.kit import clock as kit_clock
from atrium.kit import tokens
from atrium.people.actions import UnknownScope, issue_key, revoke_key
from atrium.people.actions.keys import ScopeNotHeld
from atrium.people.caller import Caller
from atrium.people.middleware import caller, sessions
from atrium.people.models import ApiKey, User
from atrium.people.queries import KeyNotGood, caller_of
from tests.api.caller import Program, problem
from tests.conftest import Clock


def key_for(person: User, **more: object) -> tuple[ApiKey, str]:
    asked = {"name": "script", "scopes": ["read"], "at": kit_clock.now(), **more}
    return issue_key(person=person, **asked)  # type: ignore[arg-type]


def asked_with(token: str) -> Caller:
    return caller_of(cookies={}, authorization=f"Bearer {token}")


def test_a_program_asks_in_its_persons_name(alice: User) -> None:
    key, token = key_for(alice)

    found = asked_with(token)

    assert (found.person, found.key) == (alice, key)
    assert found.has_scope("read")
    assert not found.has_scope("write")


def test_only_its_hash_and_its_beginning_are_kept(alice: User) -> None:
    key, token = key_for(alice)

    assert key.token_hash == tokens.digest(token)
    assert token not in str(vars(key))
    assert len(key.prefix) <= 16


def test_a_revoked_key_opens_nothing(alice: User) -> None:
    key, token = key_for(alice)
    revoke_key(key=key, at=kit_clock.now())

    with pytest.raises(KeyNotGood):
        asked_with(token)


def test_an_expired_key_opens_nothing_to_the_second(alice: User, clock: Clock) -> None:
    _key, token = key_for(alice, at=clock.now, expires_at=clock.now + timedelta(hours=1))
    clock.forward(seconds=3599)
    assert asked_with(token).person == alice
    clock.forward(seconds=1)

    with pytest.raises(KeyNotGood):
        asked_with(token)


def test_a_suspended_persons_key_opens_nothing(alice: User) -> None:
    _key, token = key_for(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with pytest.raises(KeyNotGood):
        asked_with(token)


@pytest.mark.parametrize("token", ["", "x", "atr_key_made_up", "atr_guest_" + "a" * 39, "é" * 50])
def test_a_made_up_key_is_refused_and_not_taken_for_nobody(db: None, token: str) -> None:
    with pytest.raises(KeyNotGood):
        asked_with(token)


@pytest.mark.parametrize("scopes", [[], ["everything"], ["read", "admin"]])
def test_scopes_are_from_the_list(alice: User, scopes: list[str]) -> None:
    with pytest.raises(UnknownScope):
        key_for(alice, scopes=scopes)


@pytest.mark.parametrize("path", ["/api/v1/me", "/v1/models", "/", "/settings", "/apix"])
def test_a_key_is_looked_at_by_programs_addresses_only(alice: User, path: str) -> None:
    _key, token = key_for(alice)

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.caller.audience)  # type: ignore[attr-defined]

    request = RequestFactory().get(path, headers={"Authorization": f"Bearer {token}"})
    answer = cast(HttpResponse, sessions(caller(page))(request))

    is_for_programs = path.startswith(("/api/", "/v1/"))
    assert answer.content.decode() == (f"person:{alice.pk}" if is_for_programs else "")


def test_its_last_use_is_known_to_the_minute(alice: User, clock: Clock) -> None:
    key, token = key_for(alice, at=clock.now)
    request = RequestFactory().get("/api/", headers={"Authorization": f"Bearer {token}"})

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.caller.audience)  # type: ignore[attr-defined]

    def ask() -> None:
        sessions(caller(page))(request)
        key.refresh_from_db()

    ask()
    first = key.last_used_at
    clock.forward(seconds=59)
    ask()
    assert key.last_used_at == first == clock.now - timedelta(seconds=59)
    clock.forward(seconds=2)
    ask()
    assert key.last_used_at == clock.now


def test_a_key_makes_no_key_that_may_do_more_than_itself(alice: User) -> None:
    """One that may only look after the account could give itself everything else."""
    small, _token = key_for(alice, scopes=["account"])

    with pytest.raises(ScopeNotHeld):
        key_for(alice, scopes=["account", "write"], asked_with=small)
    assert ApiKey.objects.get() == small

    made, _token = key_for(alice, scopes=["account"], asked_with=small)
    assert made.scopes == ["account"]


def test_a_key_makes_no_key_that_outlives_it(alice: User) -> None:
    soon = kit_clock.now() + timedelta(hours=1)
    short, _token = key_for(alice, scopes=["account"], expires_at=soon)

    for asked in (None, soon + timedelta(days=900)):
        made, _token = key_for(alice, scopes=["account"], expires_at=asked, asked_with=short)
        assert made.expires_at == soon


def test_the_api_tells_who_asks_for_a_key(alice: User) -> None:
    program = Program(alice, "account")

    problem(program.ask("POST", "/keys", {"name": "x", "scopes": ["write"]}), 403, "scope_not_held")
    assert program.ask("POST", "/keys", {"name": "x", "scopes": ["account"]}).status_code == 201
