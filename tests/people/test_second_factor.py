import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.jobs.inline import run_due
from atrium.kit import clock as house_clock
from atrium.kit.limits import LIMITS
from atrium.people.access import ways_in
from atrium.people.actions.second_factor import (
    LastWayIn,
    WrongCode,
    give_code,
    remove_passkey,
)
from atrium.people.actions.sign_in import TooManyTries
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.people.second_step import (
    code_of,
    give_app,
    give_passkey,
    recovery_codes,
    told_to,
    wrong_code,
)


@pytest.fixture
def dora(db: None) -> User:
    """Who has a password and an app."""
    person = make.person(username="dora", password=make.PASSWORD)
    give_app(person)
    return person


def give_password(client: Client, **more: Any) -> Any:
    return client.post("/sign-in", {"username": "dora", "password": make.PASSWORD, **more})


def is_in(client: Client) -> bool:
    return bool(client.get("/settings").status_code == 200)


def test_the_password_alone_does_not_let_in_and_a_code_does(
    client: Client, dora: User, clock: Clock
) -> None:
    asked = give_password(client, next="/files")

    assert asked["Location"] == "/sign-in/second-factor"
    assert not is_in(client)
    shown = client.get("/sign-in/second-factor").content.decode()
    assert "recovery codes" in shown

    done = client.post("/sign-in/second-factor", {"code": f" {code_of()[:3]} {code_of()[3:]} "})

    assert done["Location"] == "/files"
    assert is_in(client)


def test_a_wrong_code_is_said_to_be_and_lets_nobody_in(
    client: Client, dora: User, clock: Clock
) -> None:
    give_password(client)

    answer = client.post("/sign-in/second-factor", {"code": wrong_code()})

    assert answer.status_code == 422
    assert "This code is not right" in answer.content.decode()
    assert not is_in(client)


def test_a_sign_in_waits_a_quarter_of_an_hour_for_its_code(
    client: Client, dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(client)
    session = client.session
    session["account_login"] = {**session["account_login"], "initiated_at": 1}
    session.save()

    answer = client.post("/sign-in/second-factor", {"code": code_of()})

    assert answer["Location"] == "/sign-in"
    assert not is_in(client)


def test_a_code_opens_once_for_as_long_as_it_could(dora: User, clock: Clock) -> None:
    early = code_of(steps=1)
    give_code(person=dora, code=early, at=clock.now)

    for _later in range(3):
        with pytest.raises(WrongCode):
            give_code(person=dora, code=early, at=clock.now)
        clock.forward(seconds=25)


def test_no_code_before_the_last_one_opens(dora: User, clock: Clock) -> None:
    give_code(person=dora, code=code_of(), at=clock.now)

    with pytest.raises(WrongCode):
        give_code(person=dora, code=code_of(steps=-1), at=clock.now)
    give_code(person=dora, code=code_of(steps=1), at=clock.now)


def test_clocks_may_differ_by_half_a_minute_and_not_more(dora: User, clock: Clock) -> None:
    for steps in (-2, 2):
        with pytest.raises(WrongCode):
            give_code(person=dora, code=code_of(steps=steps), at=clock.now)
    give_code(person=dora, code=code_of(steps=-1), at=clock.now)


def test_a_recovery_code_opens_once_and_the_person_is_told(dora: User, clock: Clock) -> None:
    code = recovery_codes(dora)[0]
    give_code(person=dora, code=f"{code[:4]} {code[4:]}", at=clock.now)

    with pytest.raises(WrongCode):
        give_code(person=dora, code=code, at=clock.now)
    run_due(at=clock.now)

    assert len(recovery_codes(dora)) == 9
    assert AuditEntry.objects.filter(action="people.code_used", about_id=str(dora.pk)).exists()
    assert "A recovery code was used" in told_to(dora)


def test_after_so_many_codes_none_is_looked_at(dora: User, clock: Clock) -> None:
    for _try in range(LIMITS.second_factor_tries):
        with pytest.raises(WrongCode):
            give_code(person=dora, code=wrong_code(), at=clock.now)

    with pytest.raises(TooManyTries) as refused:
        give_code(person=dora, code=code_of(), at=clock.now)

    assert refused.value.retry_at == clock.now + timedelta(seconds=900)
    run_due(at=clock.now)
    assert "too many wrong codes" in told_to(dora)
    clock.forward(seconds=901)
    give_code(person=dora, code=code_of(), at=clock.now)


def test_a_day_has_fewer_guesses_than_its_quarters_of_an_hour_would_allow(
    dora: User, clock: Clock
) -> None:
    outcomes: Counter[str] = Counter()
    for _quarter in range(20):
        for _try in range(LIMITS.second_factor_tries):
            try:
                give_code(person=dora, code=wrong_code(), at=clock.now)
            except (WrongCode, TooManyTries) as refused:
                outcomes[type(refused).__name__] += 1
        clock.forward(seconds=901)

    assert outcomes["WrongCode"] == LIMITS.second_factor_tries_a_day


def _at_once(number: int, do: Any) -> Counter[str]:
    """Return how many of ``number`` threads that start together met what."""
    outcomes, together = Counter[str](), threading.Barrier(number)

    def run() -> None:
        close_old_connections()
        together.wait(60)
        try:
            do()
            outcomes["right"] += 1
        except (WrongCode, TooManyTries, LastWayIn) as refused:
            outcomes[type(refused).__name__] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_64_wrong_codes_at_once_exactly_the_allowed_number_is_looked_at() -> None:
    person = make.person()
    give_app(person)

    outcomes = _at_once(
        64, lambda: give_code(person=person, code=wrong_code(), at=house_clock.now())
    )

    allowed = LIMITS.second_factor_tries
    assert outcomes == {"WrongCode": allowed, "TooManyTries": 64 - allowed}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_the_same_code_at_once_opens_once(kind: str) -> None:
    person = make.person()
    give_app(person)
    code = code_of() if kind == "app" else recovery_codes(person)[3]
    at_once = LIMITS.second_factor_tries

    outcomes = _at_once(at_once, lambda: give_code(person=person, code=code, at=house_clock.now()))

    assert outcomes["right"] == 1, outcomes


@pytest.mark.django_db(transaction=True)
def test_two_last_ways_removed_at_once_leave_one() -> None:
    person = make.person()
    keys = [give_passkey(person).pk for _each in range(2)]

    outcomes = _at_once(
        2, lambda: remove_passkey(person=person, passkey_id=keys.pop(), at=house_clock.now())
    )

    assert outcomes == {"right": 1, "LastWayIn": 1}
    assert len(ways_in(person)) == 1
