from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from atrium.events.models import StreamEvent
from atrium.jobs.models import Job
from atrium.jobs.registry import tell_ended
from atrium.kit import clock
from atrium.notifications import actions, queries
from atrium.notifications.models import Channel, Mail, Notification
from atrium.notifications.registry import every_kind, kind_of
from atrium.notifications.words import body_of, title_of
from atrium.people.models import User
from tests import make

SIGN_IN = "people.new_sign_in"


def tell(person: User, *, kind: str = SIGN_IN, **params: Any) -> Notification | None:
    return actions.notify(
        person=person, kind=kind, params=params or {"device": "Firefox"}, at=clock.now()
    )


def test_a_person_is_told_in_the_transaction_of_the_cause(alice: User) -> None:
    with transaction.atomic():
        tell(alice)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
    tell(alice)
    event = StreamEvent.objects.get(kind="notification")
    assert event.stream_id == f"person:{alice.pk}"
    assert event.payload == {"unread": 1, "id": str(Notification.objects.get().pk)}


def test_words_are_made_when_they_are_read(alice: User) -> None:
    told = tell(alice, kind="files.removed_soon", count=2, name="a.txt", day="2026-11-24")
    assert told
    assert title_of(told) == "2 files leave your trash soon"
    assert "a.txt" in body_of(told)
    with translation.override("uk"):
        assert title_of(told)


def test_a_row_of_an_older_release_still_has_words(alice: User) -> None:
    told = tell(alice, nothing="of use")
    assert told
    assert title_of(told) == "A new sign-in to your account"
    assert body_of(told) == ""
    told.kind = "gone.kind"
    assert title_of(told) == "A notification"


def test_an_unknown_kind_is_a_fault_of_ours(alice: User) -> None:
    with pytest.raises(LookupError):
        tell(alice, kind="no.such")


def test_words_in_params_format_nothing(alice: User) -> None:
    told = tell(alice, device="{0.__class__} %s <script>")
    assert told
    assert "{0.__class__} %s <script>" in body_of(told)


def test_mail_goes_to_who_wants_it_and_has_an_address(db: None) -> None:
    with_address = make.person(email="a@example.org")
    without = make.person()
    tell(with_address)
    tell(without)
    assert [mail.notification.person for mail in Mail.objects.all()] == [with_address]


def test_a_choice_is_kept_for_each_kind_and_channel(alice: User) -> None:
    actions.choose(person=alice, wanted=[("jobs.failed", Channel.MAIL)], at=clock.now())
    wanted = {line.kind.key: line.cells for line in queries.matrix_of(alice)}
    assert set(wanted) == {kind.key for kind in every_kind()}
    assert [cell.is_wanted for cell in wanted["jobs.failed"]] == [False, True]
    # What is fixed cannot be switched off.
    assert [cell.is_wanted for cell in wanted[SIGN_IN]] == [True, False]
    assert [cell.is_fixed for cell in wanted[SIGN_IN]] == [True, False]


def test_who_wants_it_by_mail_alone_does_not_see_it_here(db: None) -> None:
    person = make.person(email="a@example.org")
    actions.choose(person=person, wanted=[("jobs.failed", Channel.MAIL)], at=clock.now())
    told = tell(person, kind="jobs.failed", job="x", reason="It broke.")
    assert told
    assert not told.is_in_app
    assert queries.unread_count(make.caller(person)) == 0
    assert Mail.objects.count() == 1


def test_who_wants_nothing_of_a_kind_gets_no_row(alice: User) -> None:
    actions.choose(person=alice, wanted=[], at=clock.now())
    assert tell(alice, kind="jobs.failed", job="x", reason="") is None


def test_a_job_that_died_is_told_to_whose_it_was(alice: User) -> None:
    at = clock.now()
    for owner, name in (
        (f"person:{alice.pk}", "files.draw_pictures"),
        (f"person:{alice.pk}", "notifications.send_mail"),
        ("", "files.sweep"),
        (f"guest:{make.guest().pk}", "files.draw_pictures"),
    ):
        job = Job(
            name=name,
            owner=owner,
            state=Job.State.FAILED,
            error="It broke.",
            arguments={"mail_id": 0},
            run_at=at,
            made_at=at,
        )
        tell_ended(job, at=at)
    told = Notification.objects.get()
    assert (told.person, told.kind, body_of(told)) == (alice, "jobs.failed", "It broke.")


# Reading


def test_reading_is_noted_once(alice: User) -> None:
    told = tell(alice)
    assert told
    first = actions.mark_read(notification=told, at=clock.now()).read_at
    assert actions.mark_read(notification=told, at=clock.now()).read_at == first
    tell(alice)
    tell(alice)
    assert actions.mark_all_read(by=make.caller(alice), at=clock.now()) == 2
    assert actions.mark_all_read(by=make.caller(alice), at=clock.now()) == 0


def test_nobody_reads_what_others_were_told(alice: User, charlie: User, client: Client) -> None:
    told = tell(alice)
    assert told
    client.force_login(charlie)
    assert client.post(f"/notifications/{told.pk}/read").status_code == 404
    assert "new sign-in" not in client.get("/notifications").content.decode()
    assert client.post("/notifications/read").status_code == 302
    told.refresh_from_db()
    assert told.read_at is None


def test_the_page_shows_escapes_and_marks(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert "Nothing new" in client.get("/notifications").content.decode()
    told = tell(alice, device="<img src=x onerror=alert(1)>")
    assert told
    shown = client.get("/notifications").content.decode()
    assert "&lt;img src=x" in shown
    assert "<img src=x" not in shown
    assert "1 unread" in shown
    client.post(f"/notifications/{told.pk}/read")
    assert (
        "unread"
        not in client.get("/notifications")
        .content.decode()
        .replace("unread_", "")
        .split("<main", 1)[1]
        .split("</main", 1)[0]
    )


def test_the_matrix_is_worked_from_the_page(alice: User, client: Client) -> None:
    client.force_login(alice)
    form = {"wanted": ["jobs.failed:mail", "no.such:mail", "jobs.failed:pigeon", "nonsense"]}
    assert client.post("/notifications/choices", form).status_code == 302
    kind = kind_of("jobs.failed")
    assert kind
    assert queries.channels_for(alice, kind) == {Channel.MAIL}
    assert 'value="jobs.failed:mail"' in client.get("/notifications/choices").content.decode()


def test_strangers_sign_in_first(client: Client, db: None) -> None:
    assert client.get("/notifications").status_code == 302
    assert client.get("/api/v1/notifications").status_code == 401


def test_the_api_tells_the_same(alice: User, client: Client) -> None:
    client.force_login(alice)
    told = tell(alice)
    assert told
    listed = client.get("/api/v1/notifications").json()
    assert listed["unread"] == 1
    assert listed["items"][0]["title"] == "A new sign-in to your account"
    assert client.post(f"/api/v1/notifications/{told.pk}/read").json()["read_at"]
    assert client.post("/api/v1/notifications/read").json() == {"read": 0}
