import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.jobs.inline import run_due
from atrium.kit import clock as house_clock
from atrium.kit.sealed import rekey_all
from atrium.options.actions import set_option
from atrium.people.access import ways_in
from atrium.people.actions.second_factor import (
    WrongCode,
    give_code,
    remove_second_factor,
)
from atrium.people.models import User
from atrium.people.second_factor import has_second_factor
from tests import make
from tests.conftest import Clock
from tests.people.second_step import (
    SECRET,
    code_of,
    give_app,
    give_passkey,
    recovery_codes,
    told_to,
    wrong_code,
)
from tests.privacy.scan import found_in_house


@pytest.fixture
def dora(db: None) -> User:
    """Who has a password and an app."""
    person = make.person(username="dora", password=make.PASSWORD)
    give_app(person)
    return person


# Setting up and taking away


def secret_on(page: str) -> str:
    return str(re.findall(r'id="secret"[^>]*value="([A-Z2-7 ]+)"', page)[0])


def test_an_app_is_set_up_with_a_code_which_opens_nothing_later(
    client: Client, alice: User, clock: Clock, django_capture_on_commit_callbacks: Any
) -> None:
    make.enter(client, alice)
    page = client.get("/settings/second-factor/app").content.decode()
    secret = secret_on(page)
    assert '<path d="M4 4h7v1h-7z' in page
    assert "style=" not in page

    wrong = client.post("/settings/second-factor/app", {"code": wrong_code()})
    assert wrong.status_code == 422
    assert secret_on(wrong.content.decode()) == secret
    code = code_of(secret)
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/settings/second-factor/app", {"code": code})

    assert done["Location"] == "/settings/recovery-codes"
    assert has_second_factor(alice)
    with pytest.raises(WrongCode):
        give_code(person=alice, code=code, at=clock.now)
    assert AuditEntry.objects.filter(action="people.app_added").count() == 1


def test_recovery_codes_are_shown_once(client: Client, dora: User) -> None:
    make.enter(client, dora)
    codes = recovery_codes(dora)

    first = client.get("/settings/recovery-codes").content.decode()
    again = client.get("/settings/recovery-codes").content.decode()

    assert f"{codes[0][:4]} {codes[0][4:]}" in first
    assert codes[0][:4] not in again
    assert "10 codes are left" in again
    assert client.get("/settings/recovery-codes/download").status_code == 403


def test_new_recovery_codes_end_the_old_ones(
    client: Client, dora: User, clock: Clock, django_capture_on_commit_callbacks: Any
) -> None:
    make.enter(client, dora)
    old = recovery_codes(dora)[0]

    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/settings/recovery-codes/new")

    assert done["Location"] == "/settings/recovery-codes"
    with pytest.raises(WrongCode):
        give_code(person=dora, code=old, at=clock.now)
    assert AuditEntry.objects.filter(action="people.codes_made").count() == 1


def test_the_security_page_warns_when_few_codes_are_left(
    client: Client, dora: User, clock: Clock
) -> None:
    make.enter(client, dora)
    assert "10 codes are left" in client.get("/settings/security").content.decode()
    for code in recovery_codes(dora)[:7]:
        give_code(person=dora, code=code, at=clock.now)

    page = client.get("/settings/security").content.decode()

    assert "3 codes are left" in page
    assert "Make new codes before the last one is gone." in page


def test_turning_the_app_off_asks_again_and_takes_the_codes_along(
    client: Client, dora: User
) -> None:
    make.enter(client, dora, ago=timedelta(minutes=16))
    asked = client.post("/settings/second-factor/app/remove")
    assert asked["Location"].startswith("/sign-in/again")
    assert has_second_factor(dora)

    make.enter(client, dora)
    client.post("/settings/second-factor/app/remove")

    assert not Authenticator.objects.filter(user=dora).exists()
    assert AuditEntry.objects.filter(action="people.app_removed").count() == 1


def test_a_code_proves_again_who_it_is(
    client: Client, dora: User, clock: Clock, django_capture_on_commit_callbacks: Any
) -> None:
    make.enter(client, dora, ago=timedelta(minutes=16))
    asked = client.post("/settings/recovery-codes/new")
    back = asked["Location"].partition("next=")[2].replace("%2F", "/")
    assert "code" in client.get("/sign-in/again/second-factor").content.decode()

    wrong = client.post("/sign-in/again/second-factor", {"code": wrong_code(), "next": back})
    assert wrong.status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        right = client.post("/sign-in/again/second-factor", {"code": code_of(), "next": back})

    assert right["Location"] == "/settings/recovery-codes"
    assert AuditEntry.objects.filter(action="people.codes_made").count() == 1


def test_what_lies_in_the_database_opens_no_account(dora: User) -> None:
    rows = [str(row.data) for row in Authenticator.objects.filter(user=dora)]

    assert len(rows) == 2
    for secret in (SECRET, *recovery_codes(dora)):
        assert not any(secret in row for row in rows)
    assert all("s1." in row for row in rows)


def test_a_secret_on_offer_lies_nowhere_readable_either(client: Client, alice: User) -> None:
    make.enter(client, alice)

    secret = secret_on(client.get("/settings/second-factor/app").content.decode())

    kept = dict(client.session.items())
    assert secret.replace(" ", "") not in str(kept)
    assert "mfa.totp.secret" not in kept


def test_what_is_sealed_moves_to_a_new_key(dora: User, clock: Clock, settings: Any) -> None:
    codes = recovery_codes(dora)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, which is long enough to be one: 0123456789"

    moved = {done.column: done.resealed for done in rekey_all() if "mfa" in done.column}
    settings.SECRET_KEY_FALLBACKS = []

    assert moved == {"mfa.Authenticator.data.secret": 1, "mfa.Authenticator.data.seed": 1}
    assert recovery_codes(dora) == codes
    give_code(person=dora, code=code_of(), at=clock.now)


def test_staff_may_take_the_second_step_away_from_who_lost_it(
    dora: User, alice: User, clock: Clock
) -> None:
    by = f"person:{alice.pk}"
    remove_second_factor(person=dora, reason="Telephone lost.", by=by, at=clock.now)
    run_due(at=clock.now)

    assert not has_second_factor(dora)
    entry = AuditEntry.objects.get(action="people.second_factor_taken")
    assert (entry.by, entry.detail) == (by, {"reason": "Telephone lost."})
    assert "took the second step away" in told_to(dora)


def test_the_console_shows_who_has_one_and_takes_it_away(client: Client, dora: User) -> None:
    make.enter(client, make.admin())
    listed = client.get("/console/people/user/").content.decode()
    row = next(row for row in listed.split("<tr")[1:] if "dora" in row)
    assert re.search(r'field-second_step"[^>]*>Yes', row)

    press = f"/console/people/user/{dora.pk}/do/take_second_factor/"
    assert "be sure who asks" in client.get(press).content.decode()
    client.post(press, {"reason": "Came by with a passport."})

    assert not has_second_factor(dora)
    assert client.get(press).status_code == 404


def test_the_operator_takes_it_from_the_last_administrator(dora: User) -> None:
    call_command("account", "take_second_factor", "--username", "Dora", "--json")

    assert not has_second_factor(dora)
    entry = AuditEntry.objects.get(action="people.second_factor_taken")
    assert entry.by.startswith("console:")


def test_a_whole_story_leaves_no_secret_behind(
    client: Client,
    alice: User,
    clock: Clock,
    django_capture_on_commit_callbacks: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    make.enter(client, alice)
    secret = secret_on(client.get("/settings/second-factor/app").content.decode()).replace(" ", "")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/settings/second-factor/app", {"code": code_of(secret)})
    codes = re.findall(r"<code>([0-9]{4} [0-9]{4})</code>", seen_codes(client))
    assert len(codes) == 10
    client.post("/sign-out")
    make.enter(client, alice, ago=timedelta(minutes=16))
    client.post("/sign-in/again/second-factor", {"code": codes[0], "next": "/settings"})
    client.post("/sign-in/again/second-factor", {"code": codes[0], "next": "/settings"})
    run_due(at=clock.now)

    words = {secret, *codes, *(code.replace(" ", "") for code in codes)}
    assert found_in_house(words) == {}
    assert [word for word in words if word in caplog.text] == []


def seen_codes(client: Client) -> str:
    return str(client.get("/settings/recovery-codes").content.decode())


# The last way in


def test_the_last_way_in_stays(client: Client, alice: User, clock: Clock) -> None:
    phone, key = give_passkey(alice), give_passkey(alice, name="key")
    assert ways_in(alice) == {f"passkey:{phone.pk}", f"passkey:{key.pk}"}
    make.enter(client, alice)

    gone = client.post(f"/settings/passkeys/{phone.pk}/remove")
    kept = client.post(f"/settings/passkeys/{key.pk}/remove")

    assert gone["Location"] == "/settings/security#passkeys"
    assert kept.status_code == 409
    assert "the only way into your account" in kept.content.decode()
    assert ways_in(alice) == {f"passkey:{key.pk}"}
    assert AuditEntry.objects.filter(action="people.passkey_removed").count() == 1


def test_a_passkey_is_renamed_by_its_person_only(
    client: Client, alice: User, charlie: User
) -> None:
    phone = give_passkey(alice)
    make.enter(client, charlie)
    assert client.get(f"/settings/passkeys/{phone.pk}/rename").status_code == 404
    assert client.post(f"/settings/passkeys/{phone.pk}/remove").status_code == 404

    make.enter(client, alice)
    client.post(f"/settings/passkeys/{phone.pk}/rename", {"name": "blue <key>"})

    assert "blue &lt;key&gt;" in client.get("/settings/security").content.decode()


# Staff


@pytest.fixture
def asked_of_staff(db: None) -> None:
    key = "people.staff_second_factor"
    set_option(key=key, text="true", by="console:test", at=house_clock.now())


def test_staff_set_one_up_before_the_console_opens(
    client: Client, asked_of_staff: None, clock: Clock
) -> None:
    root = make.admin()
    make.enter(client, root)

    asked = client.get("/console/")
    assert asked["Location"].startswith("/settings/second-factor")
    assert "Staff of this house need" in client.get("/settings/second-factor").content.decode()
    assert client.get("/settings").status_code == 200
    give_app(root)

    assert client.get("/console/").status_code == 200
    assert "You have a second step" in client.get("/settings/second-factor").content.decode()


def test_a_program_of_staff_without_one_is_told_the_way_on(
    client: Client, asked_of_staff: None
) -> None:
    make.enter(client, make.person(staff_areas=["support"]))

    refused = client.get("/console/", headers={"Accept": "application/json"})

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    assert "/settings/second-factor" in refused.json()["way_on"]


def test_nobody_else_is_asked_for_one(client: Client, asked_of_staff: None, alice: User) -> None:
    make.enter(client, alice)

    assert client.get("/console/").status_code == 403
    assert client.get("/settings").status_code == 200
