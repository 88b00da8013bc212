"""The same flows as JSON, over plain HTTP, for both of allauth's clients."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client

from atrium.kit import clock as house_clock
from atrium.kit.limits import LIMITS
from atrium.options.actions import set_option
from atrium.people.models import Attempt, User
from tests import make
from tests.people.counting import Counting
from tests.people.letters import arrived, token_in

MINE = "alice@x.example"
NEW = "quite another phrase"
Outbox = list[Any]
each_client = pytest.mark.parametrize("kind", ["app", "browser"])


class App:
    """An app that keeps what it is told to keep: a session token, or cookies."""

    def __init__(self, kind: str, **away: str) -> None:
        self.kind, self._away = kind, away
        self._client = Client(enforce_csrf_checks=True)
        self._token = ""
        if kind == "browser":
            self.ask("GET", "config")

    def ask(self, method: str, path: str, **body: Any) -> Any:
        headers = {"X-Session-Token": self._token} if self._token else {}
        headers |= body.pop("headers", {})
        if "csrf" in self._client.cookies:
            headers["X-CSRFToken"] = self._client.cookies["csrf"].value
        answer = self._client.generic(
            method,
            f"/_allauth/{self.kind}/v1/{path}",
            json.dumps(body) if body or method == "POST" else "",
            content_type="application/json",
            headers=headers,
            **self._away,  # type: ignore[arg-type]
        )
        told = answer.json()
        self._token = told.get("meta", {}).get("session_token", self._token)
        return answer

    def status(self, method: str, path: str, **body: Any) -> int:
        return int(self.ask(method, path, **body).status_code)


def errors_of(answer: Any) -> list[tuple[str, str]]:
    return [(one["code"], one.get("param", "")) for one in answer.json()["errors"]]


def signed_up(kind: str, **more: str) -> App:
    app = App(kind)
    answer = app.ask("POST", "auth/signup", username="Alice", password=make.PASSWORD, **more)
    assert answer.status_code == 200, answer.content
    return app


@each_client
@pytest.mark.django_db
def test_from_sign_up_to_sign_out(kind: str, mailoutbox: Outbox) -> None:
    app = signed_up(kind, email=MINE)
    person = User.objects.get()
    assert (person.username, person.display_name, person.email) == ("alice", "Alice", "")
    assert app.ask("GET", "auth/session").json()["data"]["user"]["username"] == "alice"

    assert arrived(mailoutbox) == [(MINE, "Confirm your mail address")]
    key = token_in(mailoutbox[0])
    other = App(kind)
    shown = other.ask("GET", "auth/email/verify", headers={"X-Email-Verification-Key": key})
    assert shown.json()["data"]["email"] == MINE
    assert other.status("POST", "auth/email/verify", key=key) == 401, "it signs nobody in"
    again = other.ask("POST", "auth/email/verify", key=key)
    assert (again.status_code, errors_of(again)) == (400, [("link_used", "")])
    assert app.ask("GET", "account/email").json()["data"] == [
        {"email": MINE, "verified": True, "primary": True}
    ]

    assert app.status("DELETE", "auth/session") == 401
    assert app.status("GET", "auth/session") in {401, 410}
    app = App(kind)
    assert app.status("POST", "auth/login", email=MINE, password=make.PASSWORD) == 200
    assert app.status("POST", "auth/login", email=MINE, password=make.PASSWORD) == 409


@each_client
@pytest.mark.django_db
def test_a_password_is_changed_and_other_apps_are_signed_out(kind: str) -> None:
    app = signed_up(kind)
    there = App(kind)
    there.ask("POST", "auth/login", username="alice", password=make.PASSWORD)
    told = {"current_password": "wrong wrong", "new_password": NEW}
    wrong = app.ask("POST", "account/password/change", **told)
    assert errors_of(wrong) == [("wrong_password", "current_password")]

    told["current_password"] = make.PASSWORD
    assert app.status("POST", "account/password/change", **told) == 200

    assert app.status("GET", "auth/session") == 200
    assert there.status("GET", "auth/session") in {401, 410}
    assert App(kind).status("POST", "auth/login", username="alice", password=NEW) == 200


@each_client
@pytest.mark.django_db
def test_a_lost_password_is_set_anew(kind: str, mailoutbox: Outbox) -> None:
    make.person(username="alice", password=make.PASSWORD, email=MINE)
    app = App(kind)
    answers = [
        app.ask("POST", "auth/password/request", email=email) for email in (MINE, "b@x.example")
    ]
    assert answers[0].content == answers[1].content
    assert arrived(mailoutbox) == [(MINE, "Set a new password")]
    key = token_in(mailoutbox[0])

    shown = app.ask("GET", "auth/password/reset", headers={"X-Password-Reset-Key": key})
    assert shown.json()["data"] == {"user": {"username": "alice"}}
    weak = app.ask("POST", "auth/password/reset", key=key, password="short")
    assert errors_of(weak) == [("not_an_account", "password")]
    assert app.status("POST", "auth/password/reset", key=key, password=NEW) == 401
    assert errors_of(app.ask("POST", "auth/password/reset", key=key, password=NEW)) == [
        ("link_used", "")
    ]
    assert app.status("POST", "auth/login", username="alice", password=NEW) == 200


@each_client
@pytest.mark.django_db
def test_addresses_are_managed_with_a_recent_proof(kind: str, mailoutbox: Outbox) -> None:
    app = signed_up(kind)
    assert app.status("POST", "account/email", email=MINE) == 200
    assert errors_of(app.ask("POST", "account/email", email=MINE)) == [("not_an_account", "email")]
    early = app.ask("PATCH", "account/email", email=MINE, primary=True)
    assert errors_of(early) == [("address_needed", "")]
    assert app.status("PUT", "account/email", email=MINE) == 200
    nothing = app.ask("DELETE", "account/email", email="other@x.example")
    assert errors_of(nothing) == [("unknown_address", "email")]
    assert app.ask("DELETE", "account/email", email=MINE).json()["data"] == []
    assert not EmailAddress.objects.exists()


@each_client
@pytest.mark.django_db
def test_a_proof_that_is_old_is_asked_for_again(kind: str, settings: Any) -> None:
    app = signed_up(kind)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = app.ask("POST", "account/email", email=MINE)
    assert (answer.status_code, answer.json()["meta"]["is_authenticated"]) == (401, True)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
    assert app.status("POST", "auth/reauthenticate", password=make.PASSWORD) == 200
    assert app.status("POST", "account/email", email=MINE) == 200


@each_client
@pytest.mark.django_db
def test_what_the_page_refuses_is_refused_here(kind: str) -> None:
    make.person(username="bob")
    app = App(kind)
    for username, password, said in (
        ("BOB", make.PASSWORD, ("name_taken", "username")),
        ("a b", make.PASSWORD, ("not_an_account", "username")),
        ("alice", "short", ("not_an_account", "password")),
    ):
        answer = app.ask("POST", "auth/signup", username=username, password=password)
        assert (answer.status_code, errors_of(answer)) == (400, [said])
    set_option(key="people.sign_up", text="invitation", by="system", at=house_clock.now())
    closed = app.ask("POST", "auth/signup", username="alice", password=make.PASSWORD)
    assert (closed.status_code, errors_of(closed)) == (403, [("sign_up_by_invitation", "")])
    assert not User.objects.filter(username="alice").exists()


@each_client
@pytest.mark.django_db
def test_who_is_not_signed_in_is_told_so(kind: str) -> None:
    app = App(kind)
    told = {"current_password": "x", "new_password": NEW}
    assert app.status("POST", "account/password/change", **told) == 401
    assert app.status("GET", "account/email") == 401
    assert app.status("GET", "auth/session") == 401


@pytest.mark.django_db(transaction=True)
def test_of_64_wrong_passwords_at_every_door_five_are_looked_at(settings: Any) -> None:
    """Two names of one person, four doors: the number allowed is theirs, not each door's."""
    settings.PASSWORD_HASHERS = ["tests.people.counting.Counting"]
    person = make.person(username="alice", password=make.PASSWORD, email=MINE)
    gate = Barrier(64)

    def try_once(number: int) -> None:
        name = ("alice", MINE)[number % 8 // 4]
        told = {"password": f"wrong wrong {number}"}
        away: Any = {"REMOTE_ADDR": "192.0.2.1"}
        kind = ("app", "browser", "page", "api")[number % 4]
        app = App(kind, **away) if kind in {"app", "browser"} else None
        gate.wait()
        try:
            if app:
                key = "email" if "@" in name else "username"
                app.ask("POST", "auth/login", **{key: name}, **told)
            else:
                where = "/sign-in" if kind == "page" else "/api/v1/tokens"
                asked: Any = {"username": name, **told}
                how: Any = {"content_type": "application/json"} if kind == "api" else {}
                Client().post(where, asked, **how, **away)
        finally:
            connection.close()

    Counting.looked_at = 0
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(try_once, range(64)))

    assert Counting.looked_at == LIMITS.sign_in_tries_per_name_and_address
    assert Attempt.objects.get(bucket=f"who:{person.pk}:192.0.2.1").used >= 5
