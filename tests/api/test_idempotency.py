import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from atrium.api.jobs import forget_answers
from atrium.api.models import IdempotentRequest
from atrium.people.models import ApiKey, User
from tests import make
from tests.api.caller import Program, problem
from tests.conftest import Clock

ASKED = {"name": "report", "scopes": ["read"]}


def test_a_call_sent_twice_is_done_once_and_answered_twice(alice: User) -> None:
    program = Program(alice)

    first = program.ask("POST", "/keys", ASKED, Idempotency_Key="one")
    second = program.ask("POST", "/keys", ASKED, Idempotency_Key="one")

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert ApiKey.objects.filter(name="report").count() == 1


def test_the_kept_answer_is_sealed(alice: User) -> None:
    made = json.loads(Program(alice).ask("POST", "/keys", ASKED, Idempotency_Key="one").content)

    assert made["token"] not in IdempotentRequest.objects.get().sealed_answer


def test_another_call_under_the_same_key_is_refused(alice: User) -> None:
    program = Program(alice)
    made = program.ask("POST", "/keys", ASKED, Idempotency_Key="one")

    other = program.ask("POST", "/keys", {**ASKED, "name": "other"}, Idempotency_Key="one")
    elsewhere = program.ask(
        "DELETE", f"/keys/{json.loads(made.content)['id']}", Idempotency_Key="one"
    )

    problem(other, 422, "idempotency_key_reused")
    problem(elsewhere, 422, "idempotency_key_reused")


def test_two_people_may_choose_the_same_key(alice: User, bob: User) -> None:
    first = Program(alice).ask("POST", "/keys", ASKED, Idempotency_Key="one")
    second = Program(bob).ask("POST", "/keys", ASKED, Idempotency_Key="one")

    assert json.loads(first.content)["id"] != json.loads(second.content)["id"]


def test_a_refused_call_may_be_mended_under_its_key(alice: User) -> None:
    program = Program(alice)

    problem(program.ask("POST", "/keys", {}, Idempotency_Key="one"), 422, "invalid")

    assert program.ask("POST", "/keys", ASKED, Idempotency_Key="one").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "é", "x" * 201, "a b", "a\tb"])
def test_a_key_is_visible_ascii(alice: User, key: str) -> None:
    problem(
        Program(alice).ask("POST", "/keys", ASKED, Idempotency_Key=key), 400, "bad_idempotency_key"
    )


def test_a_day_later_the_key_is_free_again(alice: User, clock: Clock) -> None:
    program = Program(alice)
    program.ask("POST", "/keys", ASKED, Idempotency_Key="one")
    clock.forward(hours=24)

    again = program.ask("POST", "/keys", ASKED, Idempotency_Key="one")

    assert "Idempotency-Replayed" not in again
    assert ApiKey.objects.filter(name="report").count() == 2


def test_a_call_cut_off_half_way_is_said_to_be_unknown(alice: User, clock: Clock) -> None:
    program = Program(alice)
    program.ask("POST", "/keys", ASKED, Idempotency_Key="one")
    IdempotentRequest.objects.update(state=IdempotentRequest.State.RUNNING)

    problem(program.ask("POST", "/keys", ASKED, Idempotency_Key="one"), 409, "in_flight")
    clock.forward(minutes=3)
    problem(program.ask("POST", "/keys", ASKED, Idempotency_Key="one"), 409, "outcome_unknown")


def test_old_answers_are_forgotten_by_a_job(alice: User, clock: Clock) -> None:
    Program(alice).ask("POST", "/keys", ASKED, Idempotency_Key="old")
    clock.forward(hours=23)
    Program(alice).ask("POST", "/keys", ASKED, Idempotency_Key="young")
    clock.forward(hours=2)

    forget_answers(None)  # type: ignore[arg-type]

    assert IdempotentRequest.objects.get().key == "young"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done() -> None:
    program, gate = Program(make.person(username="alice")), Barrier(8)

    def send(_number: int) -> tuple[int, str]:
        mine = Program()
        mine.headers = program.headers
        gate.wait()
        try:
            answer = mine.ask("POST", "/keys", ASKED, Idempotency_Key="one")
            return answer.status_code, json.loads(answer.content).get("id", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert ApiKey.objects.filter(name="report").count() == 1
    assert {status for status, _id in answers} <= {201, 409}
    assert len({made for status, made in answers if status == 201}) == 1
