import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from atrium.kit import clock as house_clock
from atrium.kit.limits import LIMITS
from atrium.people.actions import TooManyTries, WrongNameOrCode, make_rescue_codes, rescue
from atrium.people.models import RescueCode, User
from tests import make
from tests.people.letters import arrived

HERE = "192.0.2.1"
NEW = "quite another phrase"


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


@pytest.fixture
def codes(alice: User) -> list[str]:
    return make_rescue_codes(person=alice, at=house_clock.now())


def use(code: str, *, username: str = "alice", new: str = NEW) -> User:
    told = {"username": username, "code": code, "new": new}
    return rescue(**told, address=HERE, at=house_clock.now())


@pytest.mark.django_db
def test_after_signing_up_without_an_address_ten_are_made_and_shown_once(client: Client) -> None:
    asked = {"username": "alice", "password": make.PASSWORD}
    where = client.post("/sign-up", asked)["Location"]
    page = client.get(where).content.decode()
    assert "nobody here can open it for you" in page

    shown = client.post(where).content.decode()
    codes = re.findall(r"<code>(atr_recover_\w+)</code>", shown)
    assert len(set(codes)) == 10
    assert all(code in shown.partition("data:text/plain,")[2] for code in codes)
    assert RescueCode.objects.count() == 10
    assert not RescueCode.objects.filter(code_hash__in=codes).exists()

    security = client.get("/settings/security").content.decode()
    assert "You have 10 codes left." in security
    assert "atr_recover" not in security
    assert client.get(where).content.decode().count("atr_recover_") == 0


def test_a_code_sets_a_password_once(alice: User, codes: list[str], client: Client) -> None:
    there = Client()
    there.force_login(alice)
    told = {"username": "Alice", "code": f" {codes[0]} ", "new": NEW}

    assert client.post("/reset/code", told)["Location"] == "/sign-in"

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert there.get("/settings").status_code == 302
    assert client.get("/settings").status_code == 302
    assert client.post("/reset/code", told).status_code == 422, "but no second time"


def test_a_poor_password_leaves_the_code(alice: User, codes: list[str], client: Client) -> None:
    told = {"username": "alice", "code": codes[0], "new": "short"}
    assert client.post("/reset/code", told).status_code == 422
    assert use(codes[0]) == alice


def test_it_opens_nobody_elses_account(alice: User, codes: list[str], bob: User) -> None:
    for username in ("bob", "nobody", ""):
        with pytest.raises(WrongNameOrCode):
            use(codes[0], username=username)
    assert use(codes[0]) == alice


def test_new_ones_end_the_old_and_the_owner_reads_of_it(
    alice: User, codes: list[str], mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@x.example")
    alice.refresh_from_db()
    make_rescue_codes(person=alice, at=house_clock.now())
    with pytest.raises(WrongNameOrCode):
        use(codes[1])
    assert arrived(mailoutbox) == [("alice@x.example", "New rescue codes were made")]


def test_tries_are_limited_together_with_signing_in(alice: User, codes: list[str]) -> None:
    client = Client()
    wrong = {"username": "alice", "password": "wrong wrong wrong"}
    for _ in range(3):
        assert client.post("/sign-in", wrong, REMOTE_ADDR=HERE).status_code == 422
    for _ in range(LIMITS.sign_in_tries_per_name_and_address - 3):
        with pytest.raises(WrongNameOrCode):
            use("atr_recover_wrong")
    with pytest.raises(TooManyTries):
        use(codes[0])


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_who_use_one_code_one_sets_the_password() -> None:
    person = make.person(username="alice")
    code, gate = make_rescue_codes(person=person, at=house_clock.now())[0], Barrier(16)

    def once(number: int) -> bool:
        gate.wait()
        told = {"username": "alice", "code": code, "new": f"{NEW} {number}"}
        try:
            rescue(**told, address=f"192.0.2.{number}", at=house_clock.now())
        except WrongNameOrCode:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(once, range(16))) == 1
    assert RescueCode.objects.filter(used_at__isnull=False).count() == 1
