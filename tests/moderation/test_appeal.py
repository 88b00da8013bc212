import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from atrium.moderation.actions import (
    AppealDecided,
    AppealTooLate,
    CannotAppeal,
    DecidedBefore,
    appeal,
    decide_appeal,
    decision_behind,
    uphold,
)
from atrium.moderation.models import Appeal, Decision
from atrium.notifications.models import Notification
from atrium.people.actions import suspend
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.moderation.conftest import ReportIt, Wall

WHY = "Advertising is against the terms."
WRONG = "It was a question."


@pytest.fixture
def bob(db: None) -> User:
    make.admin()
    return make.person(username="bob", password=make.PASSWORD)


@pytest.fixture
def against_bob(alice: User, bob: User, mira: User, report_it: ReportIt, clock: Clock) -> Decision:
    made = report_it(alice, of=bob)
    return uphold(report=made, by=mira, measure="hide", statement=WHY, at=clock.now)


def test_an_appeal_is_made_once(against_bob: Decision, bob: User, clock: Clock) -> None:
    first = appeal(decision=against_bob, by=bob, text=WRONG, at=clock.now)

    assert appeal(decision=against_bob, by=bob, text="And again.", at=clock.now) == first
    assert Appeal.objects.get().text == WRONG


def test_it_is_for_whom_the_decision_hit_within_its_days(
    against_bob: Decision, alice: User, bob: User, clock: Clock
) -> None:
    with pytest.raises(CannotAppeal):
        appeal(decision=against_bob, by=alice, text=WRONG, at=clock.now)
    with pytest.raises(CannotAppeal):
        appeal(decision=against_bob, by=bob, text="  ", at=clock.now)
    with pytest.raises(AppealTooLate):
        appeal(decision=against_bob, by=bob, text=WRONG, at=clock.forward(days=30))


def test_somebody_else_decides_and_undoing_shows_it_again(
    against_bob: Decision, bob: User, mira: User, noah: User, wall: Wall, clock: Clock
) -> None:
    made = appeal(decision=against_bob, by=bob, text=WRONG, at=clock.now)
    told: dict[str, Any] = {"appeal": made, "statement": "It was one.", "at": clock.now}
    with pytest.raises(DecidedBefore):
        decide_appeal(by=mira, overturn=False, **told)

    decide_appeal(by=noah, overturn=True, **told)

    assert wall.hidden == set()
    assert made.state == Appeal.State.OVERTURNED
    assert Decision.objects.get().undone_at == clock.now
    kinds = Notification.objects.filter(person=bob).values_list("kind", flat=True)
    assert set(kinds) == {"moderation.decided", "moderation.appeal_answered"}


def test_who_decided_first_may_where_there_is_nobody_else(
    alice: User, report_it: ReportIt, clock: Clock, db: None
) -> None:
    root = make.admin()
    made = report_it(root, of=alice)
    decision = uphold(report=made, by=root, measure="warn", statement=WHY, at=clock.now)
    said = appeal(decision=decision, by=alice, text=WRONG, at=clock.now)

    decide_appeal(appeal=said, by=root, overturn=False, statement="No.", at=clock.now)

    assert said.state == Appeal.State.KEPT
    assert Decision.objects.get().undone_at is None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_decide_at_once_one_wins(
    against_bob: Decision, bob: User, clock: Clock
) -> None:
    made = appeal(decision=against_bob, by=bob, text=WRONG, at=clock.now)
    judges = [make.person(username=f"judge{n}", staff_areas=["moderation"]) for n in range(8)]
    barrier, lost = threading.Barrier(8), []

    def do(number: int, judge: User) -> None:
        try:
            barrier.wait(20)
            decide_appeal(
                appeal=Appeal.objects.get(pk=made.pk),
                by=judge,
                overturn=bool(number % 2),
                statement="So.",
                at=clock.now,
            )
        except AppealDecided:
            lost.append(judge)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(judges)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(lost) == 7
    undone = Appeal.objects.get().state == Appeal.State.OVERTURNED
    assert bool(Decision.objects.get().undone_at) is undone


def test_the_suspended_read_why_and_appeal_and_open_nothing_else(
    client: Client, bob: User, mira: User, noah: User, clock: Clock
) -> None:
    until = clock.now + timedelta(days=7)
    suspend(person=bob, reason=WHY, until=until, by=f"person:{mira.pk}", at=clock.now)
    assert client.get("/suspended")["Location"].startswith("/sign-in")

    answer = client.post("/sign-in", {"username": "bob", "password": make.PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/suspended", 302)]
    assert WHY in answer.content.decode()
    assert client.get("/settings").status_code == 302
    assert client.get("/api/v1/keys").status_code == 401
    assert client.post("/suspended", {"text": ""}).status_code == 422
    assert client.post("/suspended", {"text": WRONG}).status_code == 302
    assert WRONG in client.get("/suspended").content.decode()
    made = Appeal.objects.get()
    assert made.decision == decision_behind(bob.suspensions.get())

    decide_appeal(appeal=made, by=noah, overturn=True, statement="Sorry.", at=clock.now)

    assert User.objects.get(pk=bob.pk).is_active
    assert client.get("/suspended")["Location"].startswith("/sign-in")
    signed_in = client.post("/sign-in", {"username": "bob", "password": make.PASSWORD})
    assert signed_in["Location"] == "/"


def test_what_is_read_there_is_forgotten_after_an_hour(
    client: Client, bob: User, clock: Clock
) -> None:
    suspend(person=bob, reason=WHY, by="system", at=clock.now)
    client.post("/sign-in", {"username": "bob", "password": make.PASSWORD})
    assert client.get("/suspended").status_code == 200

    clock.forward(hours=1)

    assert client.get("/suspended").status_code == 302


def test_a_suspension_stays_while_another_decision_rests_on_it(
    alice: User, bob: User, mira: User, noah: User, report_it: ReportIt, clock: Clock
) -> None:
    decisions = [
        uphold(
            report=report_it(alice, of=bob),
            by=mira,
            measure="suspend",
            statement=WHY,
            at=clock.now,
        )
        for _ in range(2)
    ]
    assert decisions[0].suspension == decisions[1].suspension

    for decision, is_open in zip(decisions, (False, True), strict=True):
        said = appeal(decision=decision, by=bob, text=WRONG, at=clock.now)
        decide_appeal(appeal=said, by=noah, overturn=True, statement="Yes.", at=clock.now)
        assert User.objects.get(pk=bob.pk).is_active is is_open


def test_the_page_and_the_api_show_a_decision_to_whom_it_hit(
    client: Client, against_bob: Decision, alice: User, bob: User
) -> None:
    page, program = (
        f"/settings/blocked/decisions/{against_bob.pk}",
        f"/api/v1/decisions/{against_bob.pk}",
    )
    client.force_login(alice)
    for where in (page, program):
        assert client.get(where).status_code == 404

    client.force_login(bob)
    assert WHY in client.get(page).content.decode()
    assert page in client.get("/settings/blocked").content.decode()
    assert client.get(program).json()["appeal"] is None
    body = {"text": WRONG}
    sent = client.post(f"{program}/appeal", body, content_type="application/json")
    assert sent.status_code == 201
    told = client.get("/api/v1/decisions").json()["items"][0]
    assert (told["measure"], told["appeal"]["state"]) == ("hide", "open")
    assert str(alice.pk) not in str(told)
