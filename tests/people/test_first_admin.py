import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from atrium.kit import clock as kit_clock
from atrium.people.actions import LinkSpent, first_admin_link, make_first_admin
from atrium.people.models import FirstAdminLink, User
from tests import make
from tests.conftest import Clock

CHOSEN = {"username": "root", "password": make.PASSWORD}


def path_of(link: str) -> str:
    return urlsplit(link).path


@pytest.mark.django_db
def test_the_link_makes_the_administrator_once(client: Client) -> None:
    path = path_of(first_admin_link(at=kit_clock.now()))
    assert client.get(path).status_code == 200

    assert client.post(path, CHOSEN)["Location"] == "/"

    person = User.objects.get()
    assert (person.username, person.is_admin) == ("root", True)
    assert client.get("/settings").status_code == 200
    assert Client().get(path).status_code == 410
    assert Client().post(path, {**CHOSEN, "username": "second"}).status_code == 410
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_only_its_hash_is_kept() -> None:
    link = first_admin_link(at=kit_clock.now())

    assert FirstAdminLink.objects.get().token_hash not in link
    assert link.rsplit("/", 1)[1] not in str(vars(FirstAdminLink.objects.get()))


@pytest.mark.django_db
def test_a_poor_password_leaves_the_link_usable(client: Client) -> None:
    path = path_of(first_admin_link(at=kit_clock.now()))

    assert client.post(path, {**CHOSEN, "password": "short"}).status_code == 422
    assert client.post(path, CHOSEN).status_code == 302


@pytest.mark.django_db
def test_a_newer_link_voids_the_older_and_ends_after_a_day(client: Client, clock: Clock) -> None:
    old = path_of(first_admin_link(at=clock.now))
    new = path_of(first_admin_link(at=clock.now))

    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200
    clock.forward(days=1)
    assert client.get(new).status_code == 410


@pytest.mark.django_db
def test_there_is_none_once_there_is_an_administrator(client: Client) -> None:
    path = path_of(first_admin_link(at=kit_clock.now()))
    make.admin()

    assert first_admin_link(at=kit_clock.now()) == ""
    assert client.get(path).status_code == 410
    assert client.post(path, CHOSEN).status_code == 410


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "atr_welcome_" + "a" * 39, "%00", "é"])
def test_a_made_up_link_is_spent(client: Client, token: str) -> None:
    first_admin_link(at=kit_clock.now())

    assert client.get(f"/welcome/{token}").status_code == 410


@pytest.mark.django_db
def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("first_admin_link")
    assert "/welcome/atr_welcome_" in capsys.readouterr().out
    make.admin()

    call_command("first_admin_link")
    assert capsys.readouterr().out == ""
    call_command("first_admin_link", "--json")
    assert json.loads(capsys.readouterr().out) == {"link": None}


@pytest.mark.django_db(transaction=True)
def test_of_many_who_hold_the_link_one_becomes_administrator() -> None:
    token = first_admin_link(at=kit_clock.now()).rsplit("/", 1)[1]
    gate = Barrier(8)

    def use(number: int) -> bool:
        gate.wait()
        try:
            make_first_admin(
                token=token, username=f"root{number}", password=make.PASSWORD, at=kit_clock.now()
            )
        except LinkSpent:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(use, range(8)))

    assert made.count(True) == 1
    assert User.objects.count() == 1
