import re
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import close_old_connections, connection
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.jobs.inline import run_due
from atrium.kit import clock as house_clock
from atrium.kit.limits import LIMITS
from atrium.kit.sealed import rekey_all
from atrium.notifications.models import Notification
from atrium.notifications.registry import kind_of
from atrium.options.actions import set_option
from atrium.people.access import ways_in
from atrium.people.actions.second_factor import (
    LastWayIn,
    WrongCode,
    give_code,
    remove_passkey,
    remove_second_factor,
)
from atrium.people.actions.sign_in import TooManyTries
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
    wrong_code,
)


@pytest.fixture
def dora(db: None) -> User:
    """Who has a password and an app."""
    person = make.person(username="dora", password=make.PASSWORD)
    give_app(person)
    return person


def give_password(client: Client, **more: Any) -> Any:
    return client.post("/sign-in", {"username": "dora", "password": make.PASSWORD, **more})


def told_to(person: User) -> str:
    told = Notification.objects.get(person=person)
    kind = kind_of(told.kind)
    assert kind
    return kind.body(told.params)


def is_in(client: Client) -> bool:
    return bool(client.get("/settings").status_code == 200)


def test_the_password_alone_does_not_let_in_and_a_code_does(
    client: Client, dora: User, clock: Clock
) -> None:
    asked = give_password(client, next="/files")

    assert asked["Location"] == "/sign-in/second-factor"
    assert not is_in(client)
    shown = client.get("/sign-in/second-factor").content.decode()
    assert "recovery codes" in shown

    done = client.post("/sign-in/second-factor", {"code": f" {code_of()[:3]} {code_of()[3:]} "})

    assert done["Location"] == "/files"
    assert is_in(client)


def test_a_wrong_code_is_said_to_be_and_lets_nobody_in(
    client: Client, dora: User, clock: Clock
) -> None:
    give_password(client)

    answer = client.post("/sign-in/second-factor", {"code": wrong_code()})

    assert answer.status_code == 422
    assert "This code is not right" in answer.content.decode()
    assert not is_in(client)


def test_a_sign_in_waits_a_quarter_of_an_hour_for_its_code(
    client: Client, dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(client)
    session = client.session
    session["account_login"] = {**session["account_login"], "initiated_at": 1}
    session.save()

    answer = client.post("/sign-in/second-factor", {"code": code_of()})

    assert answer["Location"] == "/sign-in"
    assert not is_in(client)


def test_a_code_opens_once_for_as_long_as_it_could(dora: User, clock: Clock) -> None:
    early = code_of(steps=1)
    give_code(person=dora, code=early, at=clock.now)

    for _later in range(3):
        with pytest.raises(WrongCode):
            give_code(person=dora, code=early, at=clock.now)
        clock.forward(seconds=25)


def test_no_code_before_the_last_one_opens(dora: User, clock: Clock) -> None:
    give_code(person=dora, code=code_of(), at=clock.now)

    with pytest.raises(WrongCode):
        give_code(person=dora, code=code_of(steps=-1), at=clock.now)
    give_code(person=dora, code=code_of(steps=1), at=clock.now)


def test_clocks_may_differ_by_half_a_minute_and_not_more(dora: User, clock: Clock) -> None:
    for steps in (-2, 2):
        with pytest.raises(WrongCode):
            give_code(person=dora, code=code_of(steps=steps), at=clock.now)
    give_code(person=dora, code=code_of(steps=-1), at=clock.now)


def test_a_recovery_code_opens_once_and_the_person_is_told(dora: User, clock: Clock) -> None:
    code = recovery_codes(dora)[0]
    give_code(person=dora, code=f"{code[:4]} {code[4:]}", at=clock.now)

    with pytest.raises(WrongCode):
        give_code(person=dora, code=code, at=clock.now)
    run_due(at=clock.now)

    assert len(recovery_codes(dora)) == 9
    assert AuditEntry.objects.filter(action="people.code_used", about_id=str(dora.pk)).exists()
    assert "A recovery code was used" in told_to(dora)


def test_after_so_many_codes_none_is_looked_at(dora: User, clock: Clock) -> None:
    for _try in range(LIMITS.second_factor_tries):
        with pytest.raises(WrongCode):
            give_code(person=dora, code=wrong_code(), at=clock.now)

    with pytest.raises(TooManyTries) as refused:
        give_code(person=dora, code=code_of(), at=clock.now)

    assert refused.value.retry_at == clock.now + timedelta(seconds=900)
    run_due(at=clock.now)
    assert "too many wrong codes" in told_to(dora)
    clock.forward(seconds=901)
    give_code(person=dora, code=code_of(), at=clock.now)


def test_a_day_has_fewer_guesses_than_its_quarters_of_an_hour_would_allow(
    dora: User, clock: Clock
) -> None:
    outcomes: Counter[str] = Counter()
    for _quarter in range(20):
        for _try in range(LIMITS.second_factor_tries):
            try:
                give_code(person=dora, code=wrong_code(), at=clock.now)
            except (WrongCode, TooManyTries) as refused:
                outcomes[type(refused).__name__] += 1
        clock.forward(seconds=901)

    assert outcomes["WrongCode"] == LIMITS.second_factor_tries_a_day


def _at_once(number: int, do: Any) -> Counter[str]:
    """Return how many of ``number`` threads that start together met what."""
    outcomes, together = Counter[str](), threading.Barrier(number)

    def run() -> None:
        close_old_connections()
        together.wait(60)
        try:
            do()
            outcomes["right"] += 1
        except (WrongCode, TooManyTries, LastWayIn) as refused:
            outcomes[type(refused).__name__] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_64_wrong_codes_at_once_exactly_the_allowed_number_is_looked_at() -> None:
    person = make.person()
    give_app(person)

    outcomes = _at_once(
        64, lambda: give_code(person=person, code=wrong_code(), at=house_clock.now())
    )

    allowed = LIMITS.second_factor_tries
    assert outcomes == {"WrongCode": allowed, "TooManyTries": 64 - allowed}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_the_same_code_at_once_opens_once(kind: str) -> None:
    person = make.person()
    give_app(person)
    code = code_of() if kind == "app" else recovery_codes(person)[3]
    at_once = LIMITS.second_factor_tries

    outcomes = _at_once(at_once, lambda: give_code(person=person, code=code, at=house_clock.now()))

    assert outcomes["right"] == 1, outcomes


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


@pytest.mark.django_db(transaction=True)
def test_two_last_ways_removed_at_once_leave_one() -> None:
    person = make.person()
    keys = [give_passkey(person).pk for _each in range(2)]

    outcomes = _at_once(
        2, lambda: remove_passkey(person=person, passkey_id=keys.pop(), at=house_clock.now())
    )

    assert outcomes == {"right": 1, "LastWayIn": 1}
    assert len(ways_in(person)) == 1


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
