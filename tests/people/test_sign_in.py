from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from atrium.kit import clock as kit_clock
from atrium.kit.limits import LIMITS
from atrium.people.actions import (
    TooManyTries,
    WrongNameOrPassword,
    recognise,
    welcome_guest,
)
from atrium.people.models import Session, User
from atrium.people.queries import GUEST_COOKIE
from tests import make
from tests.conftest import Clock

WRONG = "do not go together"


def sign_in(client: Client, **fields: str) -> Any:
    asked = {"username": "alice", "password": make.PASSWORD, **fields}
    return client.post("/sign-in", asked)


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def test_the_right_password_opens(client: Client, alice: User) -> None:
    answer = sign_in(client, next="/settings")

    assert (answer.status_code, answer["Location"]) == (302, "/settings")
    assert client.get("/settings").status_code == 200


def test_a_name_is_known_in_any_case_and_width(client: Client, alice: User) -> None:
    assert sign_in(client, username=" ＡＬＩＣＥ ").status_code == 302


def test_cyrillic_names_are_one_in_any_case(client: Client, db: None) -> None:
    make.person(username="олена", password=make.PASSWORD)

    assert sign_in(client, username="ОЛЕНА").status_code == 302


def test_unknown_wrong_and_suspended_answer_alike(client: Client, alice: User) -> None:
    make.person(username="sleeper", password=make.PASSWORD, is_active=False)

    answers = [
        sign_in(client, username="nobody12"),
        sign_in(client, password="not the password"),
        sign_in(client, username="sleeper"),
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert all(WRONG in answer.content.decode() for answer in answers)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "\t//x",
    ],
)
def test_it_leads_nowhere_else_afterwards(client: Client, alice: User, onward: str) -> None:
    assert sign_in(client, next=onward)["Location"] == "/"


def test_the_session_key_from_before_is_worth_nothing(client: Client, alice: User) -> None:
    client.cookies["session"] = "planted-by-an-attacker"
    sign_in(client)
    key = client.cookies["session"].value

    assert key != "planted-by-an-attacker"
    attacker = Client()
    attacker.cookies["session"] = "planted-by-an-attacker"
    assert attacker.get("/settings").status_code == 302


def test_a_guest_comes_along_and_the_cookie_is_gone(client: Client, alice: User) -> None:
    guest, token = welcome_guest(at=kit_clock.now())
    client.cookies[GUEST_COOKIE] = token

    answer = sign_in(client)

    guest.refresh_from_db()
    assert guest.claimed_by == alice
    assert answer.cookies[GUEST_COOKIE].value == ""
    assert answer.cookies[GUEST_COOKIE]["max-age"] == 0


def let_in(address: str, *, at: datetime) -> User:
    return recognise(username="alice", password=make.PASSWORD, address=address, at=at)


def test_the_sixth_wrong_password_is_not_looked_at(clock: Clock, alice: User) -> None:
    for _ in range(LIMITS.sign_in_tries_per_name_and_address):
        with pytest.raises(WrongNameOrPassword):
            recognise(username="alice", password="wrong", address="192.0.2.1", at=clock.now)

    with pytest.raises(TooManyTries) as refused:
        recognise(username="alice", password=make.PASSWORD, address="192.0.2.1", at=clock.now)

    assert refused.value.retry_at
    assert let_in("192.0.2.2", at=clock.now) == alice
    clock.forward(seconds=LIMITS.sign_in_window_seconds)
    assert let_in("192.0.2.1", at=clock.now) == alice


def test_a_success_starts_the_count_over(clock: Clock, alice: User) -> None:
    for password in ("wrong", "wrong", "wrong", "wrong", make.PASSWORD) * 3:
        try:
            recognise(username="alice", password=password, address="192.0.2.1", at=clock.now)
        except WrongNameOrPassword:
            assert password == "wrong"


def test_unknown_names_are_bounded_like_known_ones(client: Client, alice: User) -> None:
    def statuses(username: str) -> list[int]:
        return [sign_in(client, username=username, password="wrong").status_code for _ in range(6)]

    assert statuses("alice") == statuses("nobody12") == [422] * 5 + [429]


def test_a_spoofed_forwarding_header_changes_nothing(client: Client, alice: User) -> None:
    statuses = [
        client.post(
            "/sign-in",
            {"username": "alice", "password": "wrong"},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        ).status_code
        for number in range(6)
    ]

    assert statuses[-1] == 429


@pytest.mark.django_db(transaction=True)
def test_of_64_wrong_passwords_at_once_exactly_5_are_looked_at() -> None:
    make.person(username="alice", password=make.PASSWORD)
    at, gate = kit_clock.now(), Barrier(32)

    def try_once(_number: int) -> str:
        gate.wait()
        try:
            recognise(username="alice", password="wrong", address="192.0.2.1", at=at)
        except (WrongNameOrPassword, TooManyTries) as refusal:
            return refusal.code
        finally:
            connection.close()
        return "let in"

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(try_once, range(64)))

    assert answers.count("wrong_name_or_password") == 5
    assert answers.count("too_many_tries") == 59


def test_a_suspended_person_is_nobody_at_once(client: Client, alice: User) -> None:
    sign_in(client)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert client.get("/settings")["Location"].startswith("/sign-in")


def test_signing_out_ends_the_session_itself(client: Client, alice: User) -> None:
    sign_in(client)
    key = client.cookies["session"].value

    assert client.post("/sign-out").status_code == 302
    thief = Client()
    thief.cookies["session"] = key
    assert thief.get("/settings").status_code == 302
    assert not Session.objects.exists()


def test_signing_out_by_a_link_does_nothing(client: Client, alice: User) -> None:
    sign_in(client)

    assert client.get("/sign-out").status_code == 405
    assert client.get("/settings").status_code == 200


def test_a_form_from_elsewhere_is_refused(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert sign_in(strict).status_code == 403
