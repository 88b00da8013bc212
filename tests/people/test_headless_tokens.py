"""allauth's flows for apps, over our own sessions and tokens."""

import json
from typing import Any

import pytest
from django.test import Client

from atrium.people.models import RefreshToken, Session, TokenFamily, User
from tests import make
from tests.conftest import Clock

ROOT = "/_allauth/app/v1"


class App:
    """A program without a browser: what it was given it sends as headers."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.session = ""
        self.access = ""
        self.refresh_token = ""

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"X-Session-Token": self.session} if self.session else {}
        answer = self.client.generic(
            method, f"{ROOT}{path}", json.dumps(body or {}), "application/json", headers=headers
        )
        self.client.cookies.clear()
        return answer

    def sign_in(self, password: str = make.PASSWORD) -> Any:
        answer = self.ask("POST", "/auth/login", {"username": "alice", "password": password})
        if answer.status_code == 200:
            told = answer.json()["meta"]
            self.session = told["session_token"]
            self.access, self.refresh_token = told["access_token"], told["refresh_token"]
        return answer

    def refresh(self, token: str = "") -> Any:
        asked = {"refresh_token": token or self.refresh_token}
        return self.client.generic(
            "POST", f"{ROOT}/tokens/refresh", json.dumps(asked), "application/json"
        )

    def me(self) -> int:
        headers = {"Authorization": f"Bearer {self.access}"}
        return self.client.get("/api/v1/me", headers=headers).status_code


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def test_an_app_signs_in_calls_and_goes_on(alice: User, clock: Clock) -> None:
    app = App()
    assert app.sign_in().status_code == 200
    assert app.me() == 200

    clock.forward(minutes=5)
    assert app.me() == 401
    told = app.refresh().json()["data"]
    app.access = told["access_token"]

    assert told["refresh_token"] != app.refresh_token
    assert app.me() == 200


def test_an_old_token_ends_the_family_and_its_session(alice: User, clock: Clock) -> None:
    app = App()
    app.sign_in()
    app.access = app.refresh().json()["data"]["access_token"]
    clock.forward(seconds=10)

    assert app.refresh().status_code == 400

    assert app.me() == 401
    assert app.ask("GET", "/auth/session").status_code == 410
    assert TokenFamily.objects.get().ended_why == TokenFamily.Why.REUSED


def test_signing_out_ends_both(alice: User) -> None:
    app = App()
    app.sign_in()

    assert app.ask("DELETE", "/auth/session").status_code == 401  # signed out, as allauth says it

    assert app.me() == 401
    assert app.refresh().status_code == 400
    assert app.ask("GET", "/auth/session").status_code == 410


def test_signing_out_at_the_api_ends_both(alice: User) -> None:
    app = App()
    app.sign_in()
    headers = {"Authorization": f"Bearer {app.access}"}

    assert app.client.delete("/api/v1/tokens", headers=headers).status_code == 204

    assert app.ask("GET", "/auth/session").status_code == 410
    assert not Session.objects.exists()


def test_it_is_one_app_in_the_list(alice: User) -> None:
    app = App()
    app.sign_in()
    headers = {"Authorization": f"Bearer {app.access}"}

    items = app.client.get("/api/v1/sessions", headers=headers).json()["items"]

    assert [(one["kind"], one["is_this_one"]) for one in items] == [("app", True)]


def test_only_hashes_are_kept(alice: User) -> None:
    app = App()
    app.sign_in()
    kept = json.dumps(
        [*Session.objects.values(), *RefreshToken.objects.values(), *TokenFamily.objects.values()],
        default=str,
    )

    for secret in (app.session, app.access, app.refresh_token):
        assert secret not in kept


def test_a_wrong_password_gives_nothing(alice: User) -> None:
    app = App()

    assert app.sign_in("wrong").status_code == 400
    assert not TokenFamily.objects.exists()


def test_an_unknown_session_is_gone(alice: User) -> None:
    app = App()
    app.session = "made up"

    assert app.ask("GET", "/auth/session").status_code == 410
