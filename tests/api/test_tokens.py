"""An app that signs in: tokens for it, taken wherever a key is, and refused wherever a key is."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client

from atrium.jobs.inline import run_due
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import keys_for
from atrium.notifications.models import Notification
from atrium.people import access_tokens
from atrium.people.actions import SecondFactorNeeded
from atrium.people.models import TokenFamily, User
from tests import make
from tests.api.caller import Program, problem
from tests.conftest import Clock

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class App(Program):
    """Signs in with name and password, and calls with its access token."""

    def __init__(self, username: str = "alice", password: str = make.PASSWORD) -> None:
        super().__init__()
        self.answer = self.ask(
            "POST",
            "/tokens",
            {"username": username, "password": password},
            User_Agent=FIREFOX,
        )
        if self.answer.status_code == 201:
            self.take(self.answer)

    def take(self, answer: Any) -> None:
        self.tokens: dict[str, Any] = answer.json()
        self.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def refresh(self) -> Any:
        return self.ask("POST", "/tokens/refresh", {"refresh_token": self.tokens["refresh_token"]})


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def test_an_app_signs_in_and_is_the_person(alice: User) -> None:
    app = App()

    assert app.answer.status_code == 201
    assert app.tokens["token_type"] == "Bearer"
    assert app.answer["Cache-Control"] == "no-store"
    assert app.ask("GET", "/me").json()["username"] == "alice"
    made = app.ask("POST", "/keys", {"name": "x", "scopes": ["read", "account"]})
    assert made.status_code == 201  # needs no form's token, and has every scope


@pytest.mark.parametrize(
    ("method", "path", "answered"),
    [("GET", "/console/", 302), ("GET", "/settings", 302), ("POST", "/settings/keys", 403)],
)
def test_it_opens_no_page_and_no_console(
    alice: User, method: str, path: str, answered: int
) -> None:
    User.objects.filter(pk=alice.pk).update(role=User.Role.ADMIN)
    app = App()

    answer = app.client.generic(method, path, headers=app.headers)

    assert answer.status_code == answered


def test_wrong_names_and_passwords_are_counted_with_those_of_the_page(alice: User) -> None:
    for _number in range(LIMITS.sign_in_tries_per_name_and_address - 1):
        problem(App(password="wrong").answer, 422, "wrong_name_or_password")
    asked = {"username": "alice", "password": "wrong"}
    assert Client().post("/sign-in", asked).status_code == 422

    problem(App().answer, 429, "too_many_tries")


def test_unknown_wrong_and_closed_are_told_alike(alice: User) -> None:
    make.person(username="sleeper", password=make.PASSWORD, is_active=False)

    said = [
        problem(App(*who).answer, 422, "wrong_name_or_password")["detail"]
        for who in (("nobody",), ("alice", "wrong"), ("sleeper",))
    ]
    assert len(set(said)) == 1


def test_a_second_factor_is_asked_for_elsewhere(alice: User, django_user_model: Any) -> None:
    from allauth.mfa.models import Authenticator  # noqa: PLC0415

    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})

    told = problem(App().answer, 403, SecondFactorNeeded.code)
    assert "/_allauth/app/v1/auth/login" in told["way_on"]
    problem(App(password="wrong").answer, 422, "wrong_name_or_password")
    assert not TokenFamily.objects.exists()


def test_a_new_device_is_told_of(alice: User) -> None:
    App()
    App()
    run_due()

    assert Notification.objects.get(person=alice).kind == "people.new_sign_in"


def test_it_goes_on_with_its_refresh_token(alice: User, clock: Clock) -> None:
    app = App()
    clock.forward(minutes=5)
    problem(app.ask("GET", "/me"), 401, "access_token_not_good")

    app.take(app.refresh())

    assert app.ask("GET", "/me").status_code == 200


def test_a_used_one_ends_it_all(alice: User, clock: Clock) -> None:
    app, thief = App(), App()
    thief.tokens = dict(app.tokens)
    app.take(app.refresh())
    clock.forward(seconds=10)

    problem(thief.refresh(), 401, "refresh_token_not_good")

    problem(app.ask("GET", "/me"), 401, "access_token_not_good")
    problem(app.refresh(), 401, "refresh_token_not_good")


def test_it_signs_itself_out(alice: User) -> None:
    app, other = App(), App()

    assert app.ask("DELETE", "/tokens").status_code == 204

    problem(app.ask("GET", "/me"), 401, "access_token_not_good")
    problem(app.refresh(), 401, "refresh_token_not_good")
    assert other.ask("GET", "/me").status_code == 200


def test_a_key_is_no_app_to_sign_out(alice: User) -> None:
    problem(Program(alice).ask("DELETE", "/tokens"), 404, "not_found")


def test_apps_and_browsers_are_listed_together(alice: User, clock: Clock) -> None:
    browser, app = Client(), App()
    browser.force_login(alice)

    items = app.ask("GET", "/sessions").json()["items"]

    assert [(one["kind"], one["is_this_one"]) for one in items] == [
        ("browser", False),
        ("app", True),
    ]
    assert (items[1]["agent"], items[1]["place"]) == (FIREFOX, "127.0.0.0/24")
    assert items[1]["id"] == app.tokens["session_id"]
    assert "token" not in json.dumps(items)


def test_one_app_is_signed_out_from_another(alice: User, bob: User) -> None:
    here, there = App(), App()
    problem(Program(bob).ask("DELETE", f"/sessions/{there.tokens['session_id']}"), 404, "not_found")

    assert here.ask("DELETE", f"/sessions/{there.tokens['session_id']}").status_code == 204

    problem(there.ask("GET", "/me"), 401, "access_token_not_good")
    assert here.ask("GET", "/me").status_code == 200


def test_all_others_end_and_this_one_stays(alice: User) -> None:
    here, there, browser = App(), App(), Client()
    browser.force_login(alice)

    assert here.ask("DELETE", "/sessions").status_code == 204

    assert here.ask("GET", "/me").status_code == 200
    problem(there.ask("GET", "/me"), 401, "access_token_not_good")
    assert browser.get("/api/v1/me").status_code == 401


def test_cookies_beside_it_do_not_help(alice: User, bob: User) -> None:
    app = App()
    app.client.force_login(bob)
    assert app.ask("GET", "/me").json()["username"] == "alice"
    app.ask("DELETE", "/tokens")

    problem(app.ask("GET", "/me"), 401, "access_token_not_good")


def test_a_copy_of_the_answer_is_not_kept(alice: User) -> None:
    from atrium.api.models import IdempotentRequest  # noqa: PLC0415

    asked = {"username": "alice", "password": make.PASSWORD}
    for _number in range(2):
        answer = Program().ask("POST", "/tokens", asked, Idempotency_Key="once")
        assert answer.status_code == 201
        assert "Idempotency-Replayed" not in answer
    assert not IdempotentRequest.objects.exists()


# Forged


def _segment(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def _good(family: TokenFamily, **other: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"sub": str(family.person_id), "sid": str(family.pk), "jti": "1", "iat": now}
    return {**said, "exp": now + 300, "token_use": "access", **other}


def _ours() -> tuple[str, bytes]:
    return next(iter(keys_for("access token").items()))


def _signed(said: dict[str, Any], **header: Any) -> str:
    key_id, key = _ours()
    headers = {"kid": key_id, "typ": "at+jwt", **header}
    return jwt.encode(said, key, headers=headers)


def _without_signature(family: TokenFamily, alg: str) -> str:
    header = {"alg": alg, "kid": _ours()[0], "typ": "at+jwt"}
    return f"{_segment(header)}.{_segment(_good(family))}."


def _with_sha512(said: dict[str, Any]) -> str:
    key_id, key = _ours()
    body = f"{_segment({'alg': 'HS512', 'kid': key_id, 'typ': 'at+jwt'})}.{_segment(said)}"
    signature = hmac.digest(key, body.encode(), "sha512")
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED: dict[str, Callable[[TokenFamily], str]] = {
    "none": lambda family: _without_signature(family, "none"),
    "None": lambda family: _without_signature(family, "None"),
    "HS256 unsigned": lambda family: _without_signature(family, "HS256"),
    "another key": lambda family: jwt.encode(
        _good(family), "k" * 32, headers={"kid": _ours()[0], "typ": "at+jwt"}
    ),
    "another algorithm": lambda family: _with_sha512(_good(family)),
    "an unknown key": lambda family: _signed(_good(family), kid="00000000"),
    "a path for a key": lambda family: _signed(_good(family), kid="../../dev/null"),
    "a statement for a key": lambda family: _signed(_good(family), kid="' OR 1=1 --"),
    "no key": lambda family: _signed(_good(family), kid=""),
    "another kind": lambda family: _signed(_good(family), typ="JWT"),
    "a key of its own": lambda family: _signed(_good(family), jwk={"kty": "oct", "k": "AA"}),
    "a key elsewhere": lambda family: _signed(_good(family), jku="https://evil.example/keys"),
    "critical": lambda family: _signed(_good(family), crit=["b64"], b64=False),
    "a refresh token": lambda family: _signed(_good(family, token_use="refresh")),
    "too old": lambda family: _signed(_good(family, exp=int(time.time()))),
    "from the future": lambda family: _signed(_good(family, iat=int(time.time()) + 60)),
    "time as text": lambda family: _signed(_good(family, iat="0", exp="9999999999")),
    "another person": lambda family: _signed(_good(family, sub=str(new_id()))),
    "another family": lambda family: _signed(_good(family, sid=str(new_id()))),
    "no family": lambda family: _signed(_good(family, sid="x")),
    "a family in a list": lambda family: _signed(_good(family, sid=[str(family.pk)])),
    "nothing in it": lambda family: _signed({}),
    "a NUL": lambda family: _signed(_good(family)) + "\0",
    "too long": lambda family: _signed(_good(family, more="x" * 2_000)),
    "dots": lambda family: "..",
    "letters of elsewhere": lambda family: "é.é.é",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_one_opens_nothing(alice: User, how: str) -> None:
    app = App()
    family = TokenFamily.objects.get()
    app.headers["Authorization"] = f"Bearer {_signed(_good(family))}"
    assert app.ask("GET", "/me").status_code == 200  # what is forged here differs in one thing

    app.headers["Authorization"] = f"Bearer {FORGED[how](family)}"

    problem(app.ask("GET", "/me"), 401, "access_token_not_good")


@pytest.mark.once
def test_our_keys_may_change(settings: Any, clock: Clock) -> None:
    token = access_tokens.write(person_id=new_id(), family_id=new_id(), at=clock.now)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key of fifty characters, as it should"

    settings.SECRET_KEY_FALLBACKS = [old]
    assert access_tokens.read(token, at=clock.now)
    assert access_tokens.read(token, at=clock.now + timedelta(seconds=299))
    assert not access_tokens.read(token, at=clock.now + timedelta(seconds=300))
    settings.SECRET_KEY_FALLBACKS = []
    assert not access_tokens.read(token, at=clock.now)


# In an address


@pytest.mark.parametrize("path", ["/api/v1/me?key={}", "/?x={}", "/files/{}", "/api/{}/x"])
def test_a_secret_in_an_address_is_refused(alice: User, path: str) -> None:
    program, app = Program(alice), App()
    for secret in (program.token, app.tokens["access_token"], app.tokens["refresh_token"]):
        answer = Client().get(path.format(secret), headers={"Accept": "application/json"})
        told = problem(answer, 400, "secret_in_address")
        assert secret not in json.dumps(told)
