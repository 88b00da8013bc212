from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from atrium.kit.limits import LIMITS
from atrium.people import rates
from atrium.people.models import User
from tests.api.caller import Program, problem
from tests.conftest import Clock

ASKED = {"name": "report", "scopes": ["read"]}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = replace(
        LIMITS, api_calls_per_caller=4, api_changes_per_caller=2, api_calls_per_address=9
    )
    monkeypatch.setattr(rates, "LIMITS", bounds)


def test_every_answer_tells_how_much_is_left(alice: User, clock: Clock, few: None) -> None:
    program = Program(alice)
    told = [program.ask("GET", "/me") for _ in range(4)]

    assert [answer["RateLimit-Remaining"] for answer in told] == ["3", "2", "1", "0"]
    assert {answer["RateLimit-Limit"] for answer in told} == {"4"}
    assert {answer["RateLimit-Reset"] for answer in told} == {"60"}
    assert {answer.status_code for answer in told} == {200}


def test_one_more_is_refused_until_the_window_ends(alice: User, clock: Clock, few: None) -> None:
    program = Program(alice)
    for _ in range(4):
        program.ask("GET", "/me")
    clock.forward(seconds=20)

    answer = program.ask("GET", "/me")

    found = problem(answer, 429, "too_many_calls")
    assert (found["limit"], found["used"]) == (4, 4)
    assert answer["Retry-After"] == answer["RateLimit-Reset"] == "40"
    assert answer["RateLimit-Remaining"] == "0"
    clock.forward(seconds=40)
    assert program.ask("GET", "/me").status_code == 200


def test_changes_have_a_bound_of_their_own_for_each_operation(
    alice: User, clock: Clock, few: None
) -> None:
    program = Program(alice)
    statuses = [program.ask("POST", "/keys", ASKED).status_code for _ in range(3)]

    assert statuses == [201, 201, 429]
    assert program.ask("GET", "/me").status_code == 200


def test_uploads_in_pieces_are_calls_and_only_new_ones_are_changes(
    alice: User, clock: Clock, few: None, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_ROOT = tmp_path
    program, tus = Program(alice), {"Tus_Resumable": "1.0.0"}
    named = {**tus, "Upload_Length": "2", "Upload_Metadata": "filename YS50eHQ="}
    piece = {**tus, "Content_Type": "application/offset+octet-stream"}

    begun = program.ask("POST", "/files/uploads", **named)
    place = begun["Location"].removeprefix("/api/v1")
    sent = [program.ask("PATCH", place, Upload_Offset=str(n), **piece) for n in range(3)]
    told = program.ask("HEAD", place, **tus)

    assert [begun["RateLimit-Remaining"], told["RateLimit-Remaining"]] == ["1", "0"]
    assert 429 not in {answer.status_code for answer in sent}
    assert (told.status_code, told["Tus-Resumable"]) == (429, "1.0.0")
    clock.forward(minutes=1)
    assert [program.ask("POST", "/files/uploads", **named).status_code for _ in range(3)] == [
        *(201, 201, 429)
    ]


def test_one_program_does_not_use_up_anothers(alice: User, clock: Clock, few: None) -> None:
    busy, calm = Program(alice), Program(alice)
    for _ in range(5):
        busy.ask("GET", "/me")

    assert calm.ask("GET", "/me").status_code == 200


def test_one_network_has_a_bound_too_and_cannot_talk_its_way_out(
    alice: User, bob: User, charlie: User, clock: Clock, few: None
) -> None:
    programs = [Program(alice), Program(bob), Program(charlie)]
    statuses = [
        programs[number % 3].ask("GET", "/me", X_Forwarded_For=f"198.51.100.{number}").status_code
        for number in range(10)
    ]

    assert statuses == [200] * 9 + [429]


def test_who_is_refused_is_counted_as_well(clock: Clock, few: None, db: None) -> None:
    statuses = [Program().ask("GET", "/keys").status_code for _ in range(5)]

    assert statuses == [401] * 4 + [429]
