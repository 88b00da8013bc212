from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.jobs.models import Job, Schedule
from atrium.kit import clock
from atrium.people.actions import issue_key
from atrium.people.models import Session, User
from tests import make
from tests.console.conftest import Enter

pytestmark = pytest.mark.django_db


def job(**fields: Any) -> Job:
    now = clock.now()
    return Job.objects.create(**{"name": "test.nothing", "run_at": now, "made_at": now, **fields})


def press(client: Client, thing: Any, name: str, **told: Any) -> int:
    meta = thing._meta
    where = f"/console/{meta.app_label}/{meta.model_name}/{thing.pk}/do/{name}/"
    return client.post(where, told).status_code


def noted() -> list[str]:
    return list(AuditEntry.objects.order_by("number").values_list("action", flat=True))


def test_a_dead_letter_runs_again_and_that_is_audited(root: User, operator: Client) -> None:
    dead = job(state=Job.State.FAILED, ended_at=clock.now(), error="It broke.")
    assert press(operator, dead, "run_again") == 302
    dead.refresh_from_db()
    assert dead.state == Job.State.WAITING
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by) == ("job.run_again", f"person:{root.pk}")
    assert (entry.about_kind, entry.about_id) == ("job", str(dead.pk))


def test_behind_a_proxy_the_audit_names_the_visitor_and_not_the_proxy(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.ATRIUM, "trusted_proxies", 1)
    dead = job(state=Job.State.FAILED, ended_at=clock.now(), error="It broke.")
    where = f"/console/jobs/job/{dead.pk}/do/run_again/"
    operator.post(where, headers={"X-Forwarded-For": "203.0.113.66, 198.51.100.7"})
    assert AuditEntry.objects.get().address == "198.51.100.0/24"


def test_a_waiting_job_is_cancelled_after_a_question(operator: Client) -> None:
    waiting = job()
    where = f"/console/jobs/job/{waiting.pk}/do/cancel/"
    assert "the rest is not done" in operator.get(where).content.decode()
    assert Job.objects.get(pk=waiting.pk).state == Job.State.WAITING
    assert press(operator, waiting, "cancel") == 302
    assert Job.objects.get(pk=waiting.pk).state == Job.State.CANCELLED
    assert noted() == ["job.cancelled"]


def test_a_button_that_does_not_fit_is_not_there(operator: Client) -> None:
    done = job(state=Job.State.DONE, ended_at=clock.now())
    page = operator.get(f"/console/jobs/job/{done.pk}/change/").content.decode()
    assert "/do/" not in page
    assert press(operator, done, "run_again") == 404
    assert press(operator, done, "delete") == 404
    assert press(operator, done, "get_urls") == 404
    assert noted() == []


def test_a_button_is_pressed_by_post_alone(operator: Client) -> None:
    dead = job(state=Job.State.FAILED, ended_at=clock.now())
    assert operator.get(f"/console/jobs/job/{dead.pk}/do/run_again/").status_code == 405
    assert noted() == []


def test_a_form_from_elsewhere_presses_nothing(root: User) -> None:
    dead = job(state=Job.State.FAILED, ended_at=clock.now())
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    assert press(client, dead, "run_again") == 403
    assert Job.objects.get(pk=dead.pk).state == Job.State.FAILED


def test_staff_of_another_area_presses_nothing(enter: Enter) -> None:
    dead = job(state=Job.State.FAILED, ended_at=clock.now())
    moderator = enter(make.person(username="mo", staff_areas=["moderation"]))
    assert press(moderator, dead, "run_again") in {403, 404}
    assert press(enter(make.person(username="member")), dead, "run_again") == 403
    assert Job.objects.get(pk=dead.pk).state == Job.State.FAILED


def test_support_does_not_see_what_a_job_was_given(
    support: User, enter: Enter, operator: Client
) -> None:
    told = job(arguments={"text": "a private word"}, trace="a private trace")
    where = f"/console/jobs/job/{told.pk}/change/"
    assert "a private word" in operator.get(where).content.decode()
    seen = enter(support).get(where).content.decode()
    assert "test.nothing" in seen
    assert "a private" not in seen


def test_a_schedule_is_paused_and_resumed(operator: Client, support: User, enter: Enter) -> None:
    hourly = Schedule.objects.create(name="test.hourly", seconds=3600, next_at=clock.now())
    assert press(enter(support), hourly, "pause") == 404
    assert press(operator, hourly, "pause") == 302
    assert not Schedule.objects.get(pk=hourly.pk).enabled
    assert press(operator, hourly, "resume") == 302
    assert Schedule.objects.get(pk=hourly.pk).enabled
    assert noted() == ["schedule.paused", "schedule.resumed"]


def test_suspending_ends_sessions_and_says_why(alice: User, operator: Client, enter: Enter) -> None:
    hers = enter(alice)
    assert Session.objects.filter(person_id_text=str(alice.pk)).exists()
    assert press(operator, alice, "suspend") == 422
    assert press(operator, alice, "suspend", reason="spam") == 302
    alice.refresh_from_db()
    assert not alice.is_active
    assert not Session.objects.filter(person_id_text=str(alice.pk)).exists()
    assert hers.get("/settings").status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("person.suspended", {"reason": "spam"})
    assert press(operator, alice, "readmit", reason="a mistake") == 302
    assert User.objects.get(pk=alice.pk).is_active


def test_the_last_administrator_stays(root: User, operator: Client) -> None:
    assert press(operator, root, "suspend", reason="tired") == 302
    assert press(operator, root, "change_role", role="USER") == 302
    root.refresh_from_db()
    assert root.is_admin
    assert noted() == []


def test_a_role_is_given_from_old_to_new(alice: User, operator: Client) -> None:
    told = {"role": "USER", "areas": ["support"]}
    assert press(operator, alice, "change_role", **told) == 302
    assert User.objects.get(pk=alice.pk).staff_areas == ["support"]
    assert AuditEntry.objects.get().detail == {
        "old": {"role": "USER", "areas": []},
        "new": {"role": "USER", "areas": ["support"]},
    }
    assert press(operator, alice, "change_role", role="ADMIN", areas=["money"]) == 422


def test_support_may_neither_give_roles_nor_judge_staff(
    root: User, alice: User, support: User, enter: Enter
) -> None:
    make.admin(username="second")
    client = enter(support)
    assert press(client, support, "change_role", role="ADMIN") == 404
    assert press(client, root, "suspend", reason="mutiny") == 302
    assert User.objects.get(pk=root.pk).is_active
    assert noted() == []
    assert press(client, alice, "suspend", reason="spam") == 302
    assert not User.objects.get(pk=alice.pk).is_active


def test_a_key_is_revoked(alice: User, operator: Client) -> None:
    key, token = issue_key(
        person=alice, name="script", scopes=["read"], expires_at=None, at=clock.now()
    )
    page = operator.get(f"/console/people/apikey/{key.pk}/change/").content.decode()
    assert token not in page
    assert key.token_hash not in page
    assert press(operator, key, "revoke", reason="lost") == 302
    key.refresh_from_db()
    assert key.revoked_at is not None
    # The action's own entry is for the person; the console's holds the reason, for staff.
    assert sorted(noted()[1:]) == ["key.revoked", "people.key_revoked"]
    assert AuditEntry.objects.get(action="key.revoked").detail["reason"] == "lost"


def test_a_session_is_ended(alice: User, operator: Client, enter: Enter) -> None:
    enter(alice)
    session = Session.objects.get(person_id_text=str(alice.pk))
    page = operator.get(f"/console/people/session/{session.pk}/change/").content.decode()
    assert session.payload not in page
    assert press(operator, session, "end") == 302
    assert not Session.objects.filter(pk=session.pk).exists()
    assert noted() == ["session.ended"]


def test_a_passwords_hash_is_nowhere(operator: Client) -> None:
    person = make.person(username="secretive", password=make.PASSWORD)
    for where in ("", f"{person.pk}/change/"):
        assert "argon2" not in operator.get(f"/console/people/user/{where}").content.decode()
