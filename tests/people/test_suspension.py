"""Suspending closes every door at once; the time opens them again, without anybody's help."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.db import connection
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.people import actions
from atrium.people.actions.standing import LastAdministrator, lift_suspension, suspend
from atrium.people.models import Session, Suspension, User
from atrium.people.queries import KeyNotGood, caller_of
from atrium.people.suspended import Suspended
from tests import make
from tests.conftest import Clock

SAID = "You sent the same advertisement to forty people."


def keep_out(person: User, *, days: float | None, at: datetime, by: str = "system") -> Suspension:
    until = at + timedelta(days=days) if days else None
    made = suspend(person=person, reason=SAID, until=until, by=by, at=at)
    assert made
    return made


def sign_in(client: Client, password: str = make.PASSWORD) -> Any:
    return client.post("/sign-in", {"username": "alice", "password": password})


@pytest.fixture
def alice(db: None) -> User:
    make.admin()
    return make.person(username="alice", password=make.PASSWORD)


@pytest.fixture
def key(alice: User, clock: Clock) -> str:
    told = {"name": "nightly", "scopes": ["read"]}
    return actions.issue_key(person=alice, **told, at=clock.now)[1]  # type: ignore[arg-type]


def test_it_says_who_when_why_and_until_when(alice: User, clock: Clock) -> None:
    made = keep_out(alice, days=7, at=clock.now, by="console:ops")

    assert (made.by, made.reason, made.made_at) == ("console:ops", SAID, clock.now)
    assert made.until == clock.now + timedelta(days=7)
    (entry,) = AuditEntry.objects.all()
    assert entry.detail == {"reason": SAID, "until": made.until.isoformat()}


def test_who_signs_in_right_is_told_why_and_who_does_not_is_told_nothing(
    client: Client, alice: User, clock: Clock
) -> None:
    keep_out(alice, days=7, at=clock.now)

    assert sign_in(client, "not the password").status_code == 422
    assert sign_in(client)["Location"] == "/suspended"
    assert client.get("/settings").status_code == 302
    assert not Session.objects.filter(person_id_text=str(alice.pk)).exists()


def test_a_key_is_told_until_when(client: Client, alice: User, key: str, clock: Clock) -> None:
    made = keep_out(alice, days=7, at=clock.now)

    answer = client.get("/api/v1/keys", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 403
    told = answer.json()
    assert (told["code"], told["until"]) == ("suspended", made.until.isoformat())  # type: ignore[union-attr]
    assert SAID in told["detail"]


def test_an_app_is_told_until_when(client: Client, alice: User, clock: Clock) -> None:
    named = {"username": "alice", "password": make.PASSWORD}
    told = client.post("/api/v1/tokens", named, content_type="application/json").json()
    opens = {"Authorization": f"Bearer {told['access_token']}"}
    assert client.get("/api/v1/sessions", headers=opens).status_code == 200

    keep_out(alice, days=7, at=clock.now)

    for answer in (
        client.get("/api/v1/sessions", headers=opens),
        client.post("/api/v1/tokens", named, content_type="application/json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "suspended")
    again = {"refresh_token": told["refresh_token"]}
    refused = client.post("/api/v1/tokens/refresh", again, content_type="application/json")
    assert refused.status_code == 401


def test_the_flows_as_json_say_it_too(client: Client, alice: User, clock: Clock) -> None:
    keep_out(alice, days=7, at=clock.now)
    named = {"username": "alice", "password": make.PASSWORD}

    for kind in ("app", "browser"):
        where = f"/_allauth/{kind}/v1/auth/login"
        answer = client.post(where, named, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "suspended")
    assert not Session.objects.filter(person_id_text=str(alice.pk)).exists()


def test_doors_without_a_password_lead_to_the_reasons(
    client: Client, alice: User, clock: Clock
) -> None:
    keep_out(alice, days=7, at=clock.now)
    request = client.get("/sign-in").wsgi_request
    request.session = client.session

    answer = perform_login(request, Login(user=User.objects.get(pk=alice.pk)))

    assert answer["Location"] == "/suspended"
    assert "_auth_user_id" not in request.session


def test_when_the_time_has_come_every_door_is_open(
    client: Client, alice: User, key: str, clock: Clock
) -> None:
    keep_out(alice, days=1, at=clock.now)
    with pytest.raises(Suspended):
        caller_of(cookies={}, authorization=f"Bearer {key}")

    clock.forward(days=1)

    found = caller_of(cookies={}, authorization=f"Bearer {key}").person
    assert found == alice
    assert found.is_active
    assert sign_in(client)["Location"] == "/"
    assert Suspension.objects.get().ended_at == clock.now
    assert User.objects.get(pk=alice.pk).is_active


def test_a_revoked_key_says_nothing_of_it(alice: User, key: str, clock: Clock) -> None:
    actions.revoke_key(key=alice.api_keys.get(), at=clock.now)
    keep_out(alice, days=1, at=clock.now)

    with pytest.raises(KeyNotGood):
        caller_of(cookies={}, authorization=f"Bearer {key}")


def test_lists_learn_that_it_is_over(alice: User, clock: Clock) -> None:
    keep_out(alice, days=1, at=clock.now)

    assert actions.open_all_that_are_over(at=clock.now) == 0
    assert actions.open_all_that_are_over(at=clock.forward(days=2)) == 1
    assert User.objects.get(pk=alice.pk).is_active
    assert actions.open_all_that_are_over(at=clock.now) == 0


def test_the_longer_of_two_stands(alice: User, clock: Clock) -> None:
    week = keep_out(alice, days=7, at=clock.now)

    assert keep_out(alice, days=1, at=clock.now) == week
    for_ever = keep_out(alice, days=None, at=clock.now)

    assert keep_out(alice, days=30, at=clock.now) == for_ever
    assert Suspension.objects.not_ended().get() == for_ever
    assert AuditEntry.objects.count() == 2


def test_lifting_opens_at_once_and_only_what_was_shut(alice: User, clock: Clock) -> None:
    keep_out(alice, days=None, at=clock.now)

    assert lift_suspension(person=alice, reason="a mistake", by="system", at=clock.now)
    assert not lift_suspension(person=alice, reason="again", by="system", at=clock.now)
    assert User.objects.get(pk=alice.pk).is_active


def test_an_account_closed_for_another_reason_is_not_opened_by_it(
    alice: User, clock: Clock
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert suspend(person=alice, reason=SAID, by="system", at=clock.now) is None
    assert not lift_suspension(person=alice, reason="", by="system", at=clock.now)
    assert not User.objects.get(pk=alice.pk).is_active


def test_the_last_administrator_stays(alice: User, clock: Clock) -> None:
    root = User.objects.get(username="root")

    with pytest.raises(LastAdministrator):
        keep_out(root, days=1, at=clock.now)
    assert not Suspension.objects.exists()
    assert User.objects.get(pk=root.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one(alice: User, clock: Clock) -> None:
    barrier, made = threading.Barrier(8), []

    def do() -> None:
        try:
            barrier.wait(20)
            made.append(keep_out(alice, days=7, at=clock.now))
        finally:
            connection.close()

    threads = [threading.Thread(target=do) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(made) == 8
    assert len(set(made)) == 1
    assert Suspension.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_suspend_each_other_at_once(clock: Clock, db: None) -> None:
    pair = [make.admin(username=name) for name in ("one", "two")]
    barrier, refused = threading.Barrier(2), []

    def do(person: User) -> None:
        try:
            barrier.wait(20)
            keep_out(person, days=7, at=clock.now)
        except LastAdministrator:
            refused.append(person)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=[person]) for person in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(refused) == 1
    assert User.objects.filter(is_active=True, role="ADMIN").count() == 1
