from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.moderation.models import Appeal, Decision, Report
from atrium.people.models import Suspension, User
from atrium.web.metrics import exposition
from tests import make
from tests.conftest import Clock
from tests.moderation.conftest import ReportIt

WHY = "Advertising is against the terms."
LIST = "/console/moderation/report/"


@pytest.fixture
def desk(mira: User) -> Client:
    """The moderator's browser."""
    client = Client()
    client.force_login(mira)
    return client


def press(client: Client, thing: Any, name: str, **told: Any) -> Any:
    where = f"/console/moderation/{thing._meta.model_name}/{thing.pk}/do/{name}/"
    return client.post(where, told)


def page_of(thing: Any) -> str:
    return f"/console/moderation/{thing._meta.model_name}/{thing.pk}/change/"


def test_the_longest_waiting_stand_first_and_the_overdue_are_marked(
    desk: Client, alice: User, report_it: ReportIt, clock: Clock
) -> None:
    for hour, title in enumerate(("Old note", "New note")):
        made = report_it(alice)
        Report.objects.filter(pk=made.pk).update(title=title)
        clock.forward(hours=48 * (1 - hour))
    clock.forward(hours=30)

    listed = desk.get(LIST).content.decode()

    assert listed.index("Old note") < listed.index("New note")
    assert listed.count("Overdue") == 1
    assert "1 overdue" in desk.get("/console/").content.decode()
    assert 'atrium_moderation_waiting{what="overdue"} 1' in exposition()
    assert 'atrium_moderation_waiting{what="reports"} 2' in exposition()


def test_a_report_is_taken_upheld_and_appealed_to_another(
    desk: Client, alice: User, bob: User, noah: User, report_it: ReportIt, clock: Clock
) -> None:
    make.admin()
    made = report_it(alice, of=bob)
    assert press(desk, made, "take").status_code == 302
    assert "mira" in desk.get(page_of(made)).content.decode()
    assert press(desk, made, "uphold", measure="suspend").status_code == 422
    told = {"measure": "suspend", "days": "7", "statement": WHY}
    assert press(desk, made, "uphold", **told).status_code == 302

    assert Suspension.objects.get().until == clock.now + timedelta(days=7)
    appeal = Appeal.objects.create(
        decision=Decision.objects.get(), text="It was a question.", made_at=clock.now
    )
    shown = desk.get(page_of(appeal)).content.decode()
    assert "It was a question." in shown
    assert WHY in shown
    press(desk, appeal, "overturn", statement="Yes.")
    assert Appeal.objects.get().state == "open"
    other = Client()
    other.force_login(noah)
    press(other, appeal, "overturn", statement="Yes.")
    assert Appeal.objects.get().state == "overturned"
    assert User.objects.get(pk=bob.pk).is_active


def test_only_moderators_and_administrators_see_the_queue(alice: User, report_it: ReportIt) -> None:
    made = report_it(alice)
    for areas, status in (([], 403), (["support"], 403), (["moderation"], 200)):
        client = Client()
        client.force_login(make.person(staff_areas=areas))
        assert client.get(LIST).status_code == status
        assert client.get(page_of(made)).status_code == status


def test_what_stands_around_it_is_seen_by_who_gave_a_reason_and_for_an_hour(
    desk: Client, alice: User, bob: User, noah: User, report_it: ReportIt, clock: Clock
) -> None:
    made = report_it(alice, of=bob)
    before = desk.get(page_of(made)).content.decode()
    assert "<p>before</p>" not in before

    assert press(desk, made, "break_glass", reason="").status_code == 422
    assert press(desk, made, "break_glass", reason="Too little to judge.").status_code == 302

    assert "<p>before</p>" in desk.get(page_of(made)).content.decode()
    other = Client()
    other.force_login(noah)
    assert "<p>before</p>" not in other.get(page_of(made)).content.decode()
    clock.forward(hours=1)
    assert "<p>before</p>" not in desk.get(page_of(made)).content.decode()
