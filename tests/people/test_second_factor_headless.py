"""The second factor as programs meet it: JSON, by an app with a token or by a browser's script."""

from typing import Any

import pytest
from django.test import Client

from atrium.kit.limits import LIMITS
from atrium.people.access import ways_in
from atrium.people.models import User
from atrium.people.second_factor import has_second_factor, passkeys_of
from tests import make
from tests.conftest import Clock
from tests.people.second_step import code_of, give_app, give_passkey, wrong_code

NONSENSE: list[Any] = [
    "",
    {},
    [],
    {"response": []},
    {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30"}},
    {
        "id": "AAAA",
        "rawId": "AAAA",
        "type": "public-key",
        "response": {
            "clientDataJSON": "eyJvcmlnaW4iOiJodHRwOi8vbG9jYWxob3N0OjgwMDAifQ",
            "authenticatorData": "AAAA",
            "signature": "AAAA",
            "userHandle": "!!!",
        },
    },
]


class Program:
    """An app that keeps its session's token, or a script in a browser that keeps cookies."""

    def __init__(self, kind: str) -> None:
        self.kind, self.client, self.token = kind, Client(), ""

    def ask(self, method: str, address: str, data: Any = None) -> Any:
        headers = {"X-Session-Token": self.token} if self.token else {}
        sent = {} if data is None else {"data": data, "content_type": "application/json"}
        speak = getattr(self.client, method)
        answer = speak(f"/_allauth/{self.kind}/v1/{address}", headers=headers, **sent)
        said = answer.json() if answer.content else {}
        self.token = said.get("meta", {}).get("session_token") or self.token
        return answer

    def sign_in(self) -> Any:
        return self.ask("post", "auth/login", {"username": "dora", "password": make.PASSWORD})


@pytest.fixture
def dora(db: None) -> User:
    return make.person(username="dora", password=make.PASSWORD)


@pytest.fixture(params=["app", "browser"])
def program(request: pytest.FixtureRequest) -> Program:
    return Program(request.param)


def pending(answer: Any) -> list[str]:
    return [flow["id"] for flow in answer.json()["data"]["flows"] if flow.get("is_pending")]


def test_a_program_gives_the_code_after_the_password(
    program: Program, dora: User, clock: Clock
) -> None:
    give_app(dora)

    asked = program.sign_in()
    wrong = program.ask("post", "auth/2fa/authenticate", {"code": wrong_code()})
    right = program.ask("post", "auth/2fa/authenticate", {"code": code_of()})

    assert (asked.status_code, pending(asked)) == (401, ["mfa_authenticate"])
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "incorrect_code")
    assert right.status_code == 200
    assert right.json()["data"]["user"]["username"] == "dora"
    assert program.ask("get", "auth/session").status_code == 200
    if program.kind == "app":
        token = right.json()["meta"]["access_token"]
        me = Client().get("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 200


def test_the_tries_of_programs_and_pages_are_counted_together(
    program: Program, dora: User, clock: Clock
) -> None:
    give_app(dora)
    page = Client()
    page.post("/sign-in", {"username": "dora", "password": make.PASSWORD})
    page.post("/sign-in/second-factor", {"code": wrong_code()})
    program.sign_in()

    answers = [
        program.ask("post", "auth/2fa/authenticate", {"code": wrong_code()}).status_code
        for _try in range(LIMITS.second_factor_tries)
    ]

    assert answers == [400] * (LIMITS.second_factor_tries - 1) + [429]
    assert page.post("/sign-in/second-factor", {"code": code_of()}).status_code == 429


def test_a_program_sets_an_app_up_and_turns_it_off(
    program: Program, dora: User, clock: Clock
) -> None:
    program.sign_in()
    offered = program.ask("get", "account/authenticators/totp")
    assert offered.status_code == 404
    secret = offered.json()["meta"]["secret"]

    refused = program.ask("post", "account/authenticators/totp", {"code": wrong_code()})
    taken = program.ask("post", "account/authenticators/totp", {"code": code_of(secret)})
    assert (refused.status_code, taken.status_code) == (400, 200)
    assert has_second_factor(dora)

    assert program.ask("delete", "account/authenticators/totp").status_code == 200
    assert not has_second_factor(dora)


@pytest.mark.parametrize("address", ["auth/webauthn/login", "auth/webauthn/authenticate"])
def test_a_passkey_is_asked_for_and_nonsense_refused(
    program: Program, dora: User, address: str, settings: Any
) -> None:
    give_app(dora)
    program.sign_in()

    asked = program.ask("get", address)
    options = asked.json()["data"]["request_options"]["publicKey"]
    assert options["rpId"] == "localhost"
    assert len(options["challenge"]) > 40

    for nonsense in NONSENSE:
        answer = program.ask("post", address, {"credential": nonsense})
        assert answer.status_code == 400, nonsense


def test_a_new_passkey_opens_by_itself_and_nonsense_is_refused(
    program: Program, dora: User
) -> None:
    program.sign_in()

    asked = program.ask("get", "account/authenticators/webauthn")
    options = asked.json()["data"]["creation_options"]["publicKey"]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["rp"] == {"id": "localhost", "name": "Atrium"}
    for nonsense in NONSENSE:
        sent = {"name": "x", "credential": nonsense}
        assert program.ask("post", "account/authenticators/webauthn", sent).status_code == 400
    assert passkeys_of(dora) == []


def test_a_program_does_not_remove_the_last_way_in_either(program: Program, dora: User) -> None:
    phone = give_passkey(dora)
    give_app(dora)
    dora.set_unusable_password()
    dora.save()
    make.enter(program.client, dora)
    if program.kind == "app":
        program.token = str(program.client.session.session_key)

    answer = program.ask(
        "delete", "account/authenticators/webauthn", {"authenticators": [phone.pk]}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "last_way_in")
    assert ways_in(dora) == {f"passkey:{phone.pk}"}


def test_who_has_a_second_factor_gets_no_tokens_for_the_password_alone(dora: User) -> None:
    give_app(dora)
    sent = {"username": "dora", "password": make.PASSWORD}

    refused = Client().post("/api/v1/tokens", sent, content_type="application/json")

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    assert "_allauth" in refused.json()["way_on"]
