import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.chat import actions as chats
from atrium.chat.models import Turn
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit.errors import NotFound
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.moderation.actions import NotAReport, TooManyReports, report, report_person
from atrium.moderation.models import Report
from atrium.people.actions import claim_guest
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.moderation.conftest import ReportIt, Wall


@pytest.fixture
def answer(alice: User, clock: Clock) -> Turn:
    """What the model answered alice."""
    offer_built_in()
    chat = chats.start_chat(by=make.caller(alice), at=clock.now)
    model = Model.objects.get(slug="reader")
    told: dict[str, Any] = {"by": make.caller(alice), "chat": chat, "model": model}
    begun = chats.begin_turn(**told, text="Why are leaves green?", key="1", at=clock.now)
    chats.finish_turn(answer=begun.answer, text="They are blue.", at=clock.now)
    return begun.answer


def test_what_was_seen_is_kept_as_it_was(alice: User, bob: User, report_it: ReportIt) -> None:
    made = report_it(alice, of=bob)

    assert (made.title, made.excerpt, made.reported) == ("A note", "Buy from me.", bob)
    assert (made.state, made.made_as) == (Report.State.OPEN, f"person:{alice.pk}")
    assert AuditEntry.objects.get().action == "report.made"


def test_while_it_waits_again_is_the_same(
    alice: User, bob: User, report_it: ReportIt, wall: Wall
) -> None:
    note = wall.pin(bob)

    assert report_it(alice, note=note) == report_it(alice, note=note)
    assert report_it(bob, note=note) != report_it(alice, note=note)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one(alice: User, report_it: ReportIt, wall: Wall) -> None:
    note, barrier, made = wall.pin(None), threading.Barrier(8), []

    def do() -> None:
        try:
            barrier.wait(20)
            made.append(report_it(alice, note=note).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=do) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(made) == 8
    assert len(set(made)) == 1


def test_what_one_cannot_see_cannot_be_reported(
    alice: User, charlie: User, wall: Wall, clock: Clock, answer: Turn
) -> None:
    for kind, thing in (("note", new_id()), ("nothing", new_id()), ("answer", answer.pk)):
        with pytest.raises(NotFound):
            report(
                by=make.caller(charlie), kind=kind, thing_id=thing, category="spam", at=clock.now
            )


def test_a_category_and_a_bounded_text_are_needed(alice: User, wall: Wall, clock: Clock) -> None:
    told: dict[str, Any] = {"by": make.caller(alice), "kind": "note", "thing_id": wall.pin(None)}
    with pytest.raises(NotAReport):
        report(**told, category="annoying", at=clock.now)
    with pytest.raises(NotAReport):
        report(**told, category="spam", text="x" * (LIMITS.note_characters + 1), at=clock.now)


def test_reports_are_bounded_by_the_day(alice: User, report_it: ReportIt, clock: Clock) -> None:
    for _ in range(LIMITS.reports_a_day):
        report_it(alice)

    with pytest.raises(TooManyReports):
        report_it(alice)
    clock.forward(days=1)
    report_it(alice)


def test_a_person_is_reported_by_name_and_an_unknown_name_looks_the_same(
    client: Client, alice: User, bob: User, clock: Clock
) -> None:
    client.force_login(alice)
    told = [
        client.post(
            "/api/v1/reports",
            {"person": name, "category": "spam"},
            content_type="application/json",
        )
        for name in ("Bob", "nobody-has-this")
    ]

    assert {answer.status_code for answer in told} == {201}
    known, unknown = (Report.objects.get(pk=answer.json()["id"]) for answer in told)
    assert (known.reported, known.title) == (bob, "bob")
    assert (unknown.reported, unknown.title) == (None, "nobody-has-this")
    same = {"id", "title", "made_at"}
    assert [
        {name: said for name, said in answer.json().items() if name not in same} for answer in told
    ] == [
        {
            "kind": "person",
            "category": "spam",
            "text": "",
            "state": "waits",
            "decided_at": None,
        }
    ] * 2


def test_a_guests_report_becomes_the_persons(wall: Wall, alice: User, clock: Clock) -> None:
    guest, note = make.guest(), wall.pin(None)
    told: dict[str, Any] = {"kind": "note", "thing_id": note, "category": "spam"}
    report(by=make.caller(guest), at=clock.now, **told)
    report(by=make.caller(alice), at=clock.now, **told)  # the same thing, as another reporter

    claim_guest(guest=guest, person=alice, at=clock.now)

    assert Report.objects.visible_to(make.caller(alice)).count() == 2


def test_the_answer_of_a_model_is_reported_from_the_chat(
    client: Client, alice: User, charlie: User, answer: Turn
) -> None:
    client.force_login(alice)
    where = f"/report/answer/{answer.pk}"

    assert where in client.get(f"/chat/{answer.chat_id}").content.decode()
    asked = client.get(where).content.decode()
    assert "They are blue." in asked
    assert client.post(where, {"text": "x"}).status_code == 422
    sent = client.post(where, {"category": "other", "text": "They are green."})

    assert sent["Location"] == f"/chat/{answer.chat_id}#turn-{answer.pk}"
    made = Report.objects.get()
    assert made.reported is None
    assert "Why are leaves green?" in made.excerpt
    client.force_login(charlie)
    assert client.get(where).status_code == 404
    assert client.get(f"/api/v1/reports/{made.pk}").status_code == 404
    assert client.get("/report/nothing/" + str(new_id())).status_code == 404


def test_the_name_is_asked_on_a_page_of_its_own(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)

    assert client.get("/settings/blocked/report").status_code == 200
    told = {"name": "bob", "category": "harassment", "text": "He writes and writes."}
    assert client.post("/settings/blocked/report", told).status_code == 302
    assert Report.objects.get().reported == bob
    assert "bob" in client.get("/settings/blocked").content.decode()


def test_a_name_of_nothing_is_refused(alice: User, clock: Clock) -> None:
    with pytest.raises(NotAReport):
        report_person(by=make.caller(alice), name=" ", category="spam", at=clock.now)
