from typing import Any

import pytest
from django.test import Client

from atrium.jobs.inline import run_due
from atrium.notifications.models import Notification
from atrium.notifications.words import body_of
from atrium.people.actions import forget_devices, note_sign_in
from atrium.people.models import Device, User
from tests import make
from tests.conftest import Clock

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
HOME = "192.0.2.8"


def sign_in(agent: str = FIREFOX, address: str = HOME) -> Any:
    asked = {"username": "alice", "password": make.PASSWORD}
    away: Any = {"REMOTE_ADDR": address}
    return Client().post("/sign-in", asked, headers={"User-Agent": agent}, **away)


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def test_a_person_is_told_of_a_new_device_once(alice: User) -> None:
    assert sign_in().status_code == 302
    assert sign_in().status_code == 302
    run_due()

    told = Notification.objects.get(person=alice)
    assert (told.kind, told.url) == ("people.new_sign_in", "/settings/security")
    assert body_of(told).startswith("Your account was opened with Firefox · Linux.")


def test_a_new_version_or_a_new_number_nearby_is_no_new_device(alice: User) -> None:
    sign_in()
    sign_in(FIREFOX.replace("145", "146"))
    sign_in(address="192.0.2.200")
    assert Device.objects.count() == 1
    sign_in(address="198.51.100.7")
    sign_in(FIREFOX.replace("Linux x86_64", "Windows NT 10.0"))
    assert Device.objects.count() == 3


def test_after_thirty_days_away_it_is_new_again(alice: User, clock: Clock) -> None:
    told: Any = {"person": alice, "agent": FIREFOX, "address": HOME}
    assert note_sign_in(**told, at=clock.now)
    assert not note_sign_in(**told, at=clock.forward(days=29))
    assert not note_sign_in(**told, at=clock.forward(days=29))
    assert note_sign_in(**told, at=clock.forward(days=31))
    assert forget_devices(at=clock.now) == 0
    assert forget_devices(at=clock.forward(days=31)) == 1


def test_signing_up_tells_nothing_and_makes_the_device_known(db: None) -> None:
    asked = {"username": "alice", "password": make.PASSWORD}
    away: Any = {"REMOTE_ADDR": HOME}
    answer = Client().post("/sign-up", asked, headers={"User-Agent": FIREFOX}, **away)
    assert answer.status_code == 302
    assert sign_in().status_code == 302
    run_due()
    assert not Notification.objects.exists()


def test_words_of_a_stranger_do_not_reach_the_person(alice: User) -> None:
    sign_in("Call evil.example to keep your account")
    run_due()
    said = body_of(Notification.objects.get(person=alice))
    assert "evil" not in said
    assert "a program that does not say its name" in said


def test_neither_agent_nor_address_is_kept(alice: User) -> None:
    sign_in()
    kept = Device.objects.get()
    assert len(kept.digest) == 64
    assert HOME not in str(vars(kept))
