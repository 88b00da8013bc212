"""Asking to be erased, thinking it over, and the ways to it: page, API, console, command."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from atrium.audit import queries as audit
from atrium.jobs.inline import run_due
from atrium.notifications.models import Notification
from atrium.options.actions import set_option
from atrium.people.actions import issue_key
from atrium.people.actions.standing import LastAdministrator
from atrium.people.models import ApiKey, Guest, Session, User
from atrium.people.queries import GUEST_COOKIE
from atrium.privacy import actions
from atrium.privacy.actions import AlreadyErasing
from atrium.privacy.models import Erasure, Export
from tests import make

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def signed_in(client: Client, db: None) -> Client:
    """alice's browser, in which she has just given her password."""
    make.person(username="alice", password=make.PASSWORD, email="alice@example.org")
    client.post("/sign-in", {"username": "alice", "password": make.PASSWORD})
    return client


def alice() -> User:
    return User.objects.get(username="alice")


def test_it_waits_and_says_so_on_every_page(signed_in: Client, clock: Any) -> None:
    answer = signed_in.post("/settings/data/erasure")

    assert answer.status_code == 302
    erasure = Erasure.objects.get()
    assert (erasure.due_at - clock.now).days == 14
    assert "Dec. 5, 2026" in signed_in.get("/files").content.decode()
    assert Notification.objects.get(kind="privacy.erasure_asked").person == alice()
    assert "privacy.erasure_asked" in {one.action for one in audit.about("person", alice().pk)}


def test_asked_twice_it_is_one(alice: User, clock: Any) -> None:
    first = actions.ask_erasure(person=alice, at=clock.now)

    assert actions.ask_erasure(person=alice, at=clock.forward(days=1)) == first


def test_who_did_not_prove_it_lately_is_asked_again(signed_in: Client, clock: Any) -> None:
    clock.forward(days=2)  # the proof carries the machine's own time

    answer = signed_in.post("/settings/data/erasure")

    assert answer.status_code == 302
    assert "data/erasure" not in answer["Location"].partition("?")[0]
    assert not Erasure.objects.exists()


def test_kept_nothing_happens(signed_in: Client, clock: Any) -> None:
    signed_in.post("/settings/data/erasure")
    signed_in.post("/settings/data/keep")
    clock.forward(days=20)

    assert actions.begin_due(at=clock.now) == 0
    assert alice().leaves_at is None
    assert Erasure.objects.get().state == Erasure.State.KEPT
    assert Notification.objects.filter(kind="privacy.erasure_called_off").count() == 1


def test_begun_it_cannot_be_kept(alice: User, clock: Any) -> None:
    actions.ask_erasure(person=alice, at_once=True, at=clock.now)

    with pytest.raises(AlreadyErasing):
        actions.keep_account(person=alice, at=clock.now)


def test_begun_nobody_comes_in_any_more(signed_in: Client, clock: Any) -> None:
    issue_key(person=alice(), name="x", scopes=["read"], at=clock.now)
    assert signed_in.get("/settings").status_code == 200

    actions.ask_erasure(person=alice(), at_once=True, at=clock.now)

    assert not Session.objects.filter(person_id_text=str(alice().pk)).exists()
    assert not ApiKey.objects.usable(at=clock.now).exists()
    assert signed_in.get("/settings").status_code == 302


def test_the_last_administrator_stays(db: None, clock: Any) -> None:
    root = make.admin()

    with pytest.raises(LastAdministrator):
        actions.ask_erasure(person=root, at=clock.now)


def test_who_became_the_last_one_meanwhile_stays_too(db: None, clock: Any) -> None:
    root, other = make.admin(), make.admin(username="other")
    actions.ask_erasure(person=root, at=clock.now)
    actions.ask_erasure(person=other, at=clock.forward(hours=1))
    clock.forward(days=15)

    actions.begin_due(at=clock.now)
    for _step in range(3):
        run_due(clock.forward(minutes=30))

    assert User.objects.get(pk=root.pk).erased_at
    assert User.objects.get(pk=other.pk).is_active
    assert User.objects.get(pk=other.pk).leaves_at is None


def test_without_time_to_think_it_begins_at_once(alice: User, clock: Any) -> None:
    set_option(key="privacy.grace_days", text="0", by="system", at=clock.now)

    erasure = actions.ask_erasure(person=alice, at=clock.now)

    assert erasure.state == Erasure.State.ERASING


def test_a_program_asks_keeps_and_copies(signed_in: Client, clock: Any) -> None:
    root = "/api/v1/me"
    assert signed_in.get(f"{root}/erasure", headers=JSON).status_code == 404
    assert signed_in.post(f"{root}/erasure", headers=JSON).status_code == 202
    assert signed_in.get(f"{root}/erasure", headers=JSON).json()["state"] == "asked"
    assert signed_in.delete(f"{root}/erasure", headers=JSON).status_code == 204
    asked = signed_in.post(f"{root}/exports", headers=JSON)
    assert asked.status_code == 202
    run_due(clock.now)
    one = f"{root}/exports/{asked.json()['id']}"
    assert signed_in.get(one, headers=JSON).json()["state"] == "ready"
    assert signed_in.get(f"{one}/content").status_code == 200
    assert len(signed_in.get(f"{root}/exports", headers=JSON).json()["items"]) == 1


def test_a_key_cannot_end_the_account(alice: User, client: Client, clock: Any) -> None:
    _key, token = issue_key(person=alice, name="x", scopes=["account"], at=clock.now)

    answer = client.post("/api/v1/me/erasure", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 403
    assert answer.json()["code"] == "prove_again"


def test_a_guests_cookie_opens_nothing_after(client: Client, clock: Any) -> None:
    client.get("/files")
    token = client.cookies[GUEST_COOKIE].value

    answer = client.post("/privacy/here/forget")

    assert answer.cookies[GUEST_COOKIE].value == ""
    client.cookies[GUEST_COOKIE] = token
    client.get("/files")
    assert Guest.objects.count() == 2


def ran(*words: str) -> Any:
    out = StringIO()
    call_command("account", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_operator_erases_and_copies(alice: User, clock: Any) -> None:
    asked = ran("erase", "--username", "alice", "--now")
    assert asked["state"] == "erasing"
    assert Erasure.objects.get().asked_by.startswith("console:")

    bob = make.person(username="bob")
    copied = ran("export", "--username", "Bob", "--reason", "A court asked.")
    assert copied["state"] == "making"
    assert Export.objects.get().reason == "A court asked."
    assert Notification.objects.get(person=bob).kind == "privacy.glass_broken"

    with pytest.raises(CommandError):
        ran("erase", "--username", "nobody")


def test_an_administrator_copies_with_a_reason_only(
    alice: User, client: Client, clock: Any
) -> None:
    make.admin(username="root", password=make.PASSWORD)
    client.post("/sign-in", {"username": "root", "password": make.PASSWORD})
    button = f"/console/privacy/holder/{alice.pk}/do/break_glass/"

    assert client.post(button, {"reason": ""}).status_code == 422
    assert client.post(button, {"reason": "A court asked."}).status_code == 302

    export = Export.objects.get()
    assert export.is_broken_glass
    run_due(clock.now)
    page = client.get(f"/console/privacy/export/{export.pk}/change/").content.decode()
    assert f"/privacy/exports/{export.pk}/content" in page


def test_staff_without_that_role_cannot(alice: User, client: Client) -> None:
    client.force_login(make.person(username="helper", staff_areas=["support"]))

    answer = client.post(f"/console/privacy/holder/{alice.pk}/do/break_glass/", {"reason": "x"})

    assert answer.status_code in {403, 404}
    assert not Export.objects.exists()
