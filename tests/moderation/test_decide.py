import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from atrium.audit.models import AuditEntry
from atrium.jobs.inline import run_due
from atrium.kit.errors import NotAllowed
from atrium.moderation.actions import (
    AlreadyDecided,
    CannotDecide,
    YourOwnMatter,
    break_glass,
    dismiss,
    take,
    uphold,
)
from atrium.moderation.models import Decision, Report
from atrium.moderation.queries import opening_of
from atrium.notifications.models import Mail, Notification
from atrium.people.models import Suspension, User
from tests import make
from tests.conftest import Clock
from tests.moderation.conftest import ReportIt, Wall

WHY = "Advertising is against the terms."


def told(person: User) -> list[str]:
    return [one.kind for one in Notification.objects.filter(person=person).order_by("made_at")]


def test_upholding_hides_it_and_tells_all_concerned(
    alice: User, bob: User, mira: User, report_it: ReportIt, wall: Wall, clock: Clock
) -> None:
    made = report_it(alice, of=bob)

    decision = uphold(report=made, by=mira, measure="hide", statement=WHY, at=clock.now)

    assert made.about_id in wall.hidden
    assert made.state == Report.State.UPHELD
    assert made.decision == decision
    assert told(bob) == ["moderation.decided"]
    assert told(alice) == ["moderation.answered"]
    to_alice = Notification.objects.get(person=alice).params
    assert WHY not in str(to_alice)
    assert str(alice.pk) not in str(Notification.objects.get(person=bob).params)
    assert AuditEntry.objects.filter(action="report.decided").get().by == f"person:{mira.pk}"


def test_dismissing_tells_only_who_reported(
    alice: User, bob: User, mira: User, report_it: ReportIt, clock: Clock
) -> None:
    made = report_it(alice, of=bob)

    dismiss(report=made, by=mira, statement="It is no advertisement.", at=clock.now)

    assert told(bob) == []
    assert "no advertisement" in str(Notification.objects.get(person=alice).params)
    assert not Decision.objects.visible_to(make.caller(bob)).exists()


def test_all_reports_of_one_thing_are_decided_at_once(
    alice: User, bob: User, charlie: User, mira: User, report_it: ReportIt, wall: Wall, clock: Clock
) -> None:
    note = wall.pin(bob)
    reports = [report_it(who, note=note) for who in (alice, charlie)]
    other = report_it(alice, of=bob)

    uphold(report=reports[0], by=mira, measure="nothing", statement=WHY, at=clock.now)

    assert Report.objects.filter(state="upheld").count() == 2
    assert Report.objects.get(state="open") == other
    assert told(alice) == told(charlie) == ["moderation.answered"]


def test_suspending_lasts_as_long_as_was_said_and_its_letter_goes_out(
    alice: User, bob: User, mira: User, report_it: ReportIt, clock: Clock, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    made = report_it(alice, of=User.objects.get(pk=bob.pk))
    make.admin()

    told_to = {"report": made, "by": mira, "measure": "suspend", "statement": WHY}
    uphold(**told_to, days=7, at=clock.now)  # type: ignore[arg-type]

    suspension = Suspension.objects.get()
    assert (suspension.person, suspension.reason) == (bob, WHY)
    assert suspension.until == clock.now + timedelta(days=7)
    run_due()
    (letter,) = mailoutbox
    assert WHY in letter.body
    assert Mail.objects.get(notification__person=bob).sent_at


def test_what_a_measure_needs_has_to_be_there(
    alice: User, bob: User, mira: User, report_it: ReportIt, clock: Clock
) -> None:
    nobodys = report_it(alice, of=None)
    for measure in ("warn", "suspend", "burn"):
        with pytest.raises(CannotDecide):
            uphold(report=nobodys, by=mira, measure=measure, statement=WHY, at=clock.now)
    with pytest.raises(CannotDecide):
        uphold(report=nobodys, by=mira, measure="hide", statement=" ", at=clock.now)
    assert not Decision.objects.exists()


def test_staff_are_judged_by_administrators_only(
    alice: User, mira: User, noah: User, report_it: ReportIt, clock: Clock
) -> None:
    made = report_it(alice, of=noah)
    with pytest.raises(NotAllowed):
        uphold(report=made, by=mira, measure="suspend", statement=WHY, at=clock.now)

    uphold(report=made, by=make.admin(), measure="suspend", statement=WHY, at=clock.now)
    assert Suspension.objects.get().person == noah


def test_nobody_judges_their_own_matter_while_there_is_another(
    alice: User, mira: User, report_it: ReportIt, clock: Clock
) -> None:
    about_her, by_her = report_it(alice, of=mira), report_it(mira, of=alice)
    dismiss(report=by_her, by=mira, statement="I was wrong.", at=clock.now)  # there is no other

    make.person(username="noah", staff_areas=["moderation"])
    with pytest.raises(YourOwnMatter):
        dismiss(report=about_her, by=mira, statement="I am fine.", at=clock.now)


def test_what_is_in_anothers_hands_is_theirs_until_it_is_taken_over(
    alice: User, mira: User, noah: User, report_it: ReportIt, clock: Clock
) -> None:
    made = report_it(alice)
    take(report=made, by=mira, at=clock.now)
    with pytest.raises(AlreadyDecided):
        dismiss(report=made, by=noah, statement=WHY, at=clock.now)

    take(report=made, by=noah, at=clock.now)
    dismiss(report=made, by=noah, statement=WHY, at=clock.now)
    with pytest.raises(AlreadyDecided):
        take(report=made, by=mira, at=clock.now)
    assert AuditEntry.objects.filter(action="report.taken").count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reported", [1, 2], ids=["one report", "two of one thing"])
def test_of_many_who_decide_at_once_one_wins(
    alice: User,
    bob: User,
    charlie: User,
    report_it: ReportIt,
    wall: Wall,
    clock: Clock,
    reported: int,
) -> None:
    note = wall.pin(bob)
    reports = [report_it(alice, note=note), report_it(charlie, note=note)]
    judges = [make.person(username=f"judge{n}", staff_areas=["moderation"]) for n in range(8)]
    barrier, lost = threading.Barrier(8), []

    def do(number: int, judge: User) -> None:
        try:
            barrier.wait(20)
            made = reports[number % reported]
            if number % 2:
                uphold(report=made, by=judge, measure="warn", statement=WHY, at=clock.now)
            else:
                dismiss(report=made, by=judge, statement=WHY, at=clock.now)
        except AlreadyDecided:
            lost.append(judge)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(judges)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(lost) == 7
    decision = Decision.objects.get()
    assert Report.objects.filter(decision=decision, state=decision.outcome).count() == 2
    assert AuditEntry.objects.filter(action="report.decided").count() == 1
    upheld = decision.outcome == Decision.Outcome.UPHELD
    assert told(bob) == (["moderation.decided"] if upheld else [])


def test_breaking_the_glass_takes_a_reason_that_is_told(
    alice: User, bob: User, mira: User, noah: User, report_it: ReportIt, clock: Clock
) -> None:
    made = report_it(alice, of=bob)
    with pytest.raises(CannotDecide):
        break_glass(report=made, by=mira, reason="", at=clock.now)

    break_glass(report=made, by=mira, reason="The note alone says too little.", at=clock.now)

    assert opening_of(made, by=mira, at=clock.now)
    assert opening_of(made, by=noah, at=clock.now) is None
    assert opening_of(made, by=mira, at=clock.forward(hours=1)) is None
    assert "too little" in str(Notification.objects.get(person=bob).params)
    entry = AuditEntry.objects.get(action="moderation.looked")
    assert (entry.about_id, entry.by) == (str(bob.pk), f"person:{mira.pk}")
