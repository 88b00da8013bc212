from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.kit import clock as kit_clock
from atrium.people.actions import NameTaken, create_account, sign_up, welcome_guest
from atrium.people.models import User
from atrium.people.queries import GUEST_COOKIE
from tests import make


def post(client: Client, **fields: str) -> Any:
    return client.post("/sign-up", {"username": "alice", "password": make.PASSWORD, **fields})


@pytest.mark.django_db
def test_it_makes_an_account_and_signs_in(client: Client) -> None:
    assert post(client)["Location"] == "/settings/rescue-codes?next=%2F"

    person = User.objects.get()
    assert (person.username, person.role, person.is_staff) == ("alice", "USER", False)
    assert client.get("/settings").status_code == 200
    assert AuditEntry.objects.filter(action="people.signed_up", about_id=str(person.pk)).exists()


@pytest.mark.django_db
def test_the_guest_becomes_the_person(client: Client) -> None:
    guest, token = welcome_guest(at=kit_clock.now())
    client.cookies[GUEST_COOKIE] = token
    assert "come along" in client.get("/sign-up").content.decode()

    post(client)

    guest.refresh_from_db()
    assert guest.claimed_by == User.objects.get()


@pytest.mark.django_db
def test_fields_nobody_asked_for_change_nothing(client: Client) -> None:
    post(client, role="ADMIN", staff_areas='["support"]', is_staff="1", id="0", email="x@y.example")

    person = User.objects.get()
    assert (person.role, person.staff_areas, person.email) == ("USER", [], "")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "a b", "<b>", "a\u202eb", "a\0b", "x" * 41, "a/b", "\u200b"])
def test_a_name_that_would_mislead_is_refused(client: Client, name: str) -> None:
    assert post(client, username=name).status_code == 422
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["7chars!", "password123", "alicealice1", "x" * 1001])
def test_a_poor_password_is_refused_with_the_reason(client: Client, password: str) -> None:
    answer = post(client, password=password, username="alicealice")

    assert answer.status_code == 422
    assert password not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second"), [("alice", "ALICE"), ("Олена", "оЛЕНА"), ("ﬁona", "fiona")]
)
def test_a_name_is_taken_in_every_form_of_it(first: str, second: str) -> None:
    sign_up(username=first, password=make.PASSWORD, at=kit_clock.now())

    with pytest.raises(NameTaken):
        sign_up(username=second, password=make.PASSWORD, at=kit_clock.now())


@pytest.mark.django_db
def test_a_mail_address_is_no_name(client: Client) -> None:
    """Or whoever took it could stand in the way of whose it is."""
    assert post(client, username="alice@x.example").status_code == 422
    assert not User.objects.exists()


@pytest.mark.django_db
def test_an_address_that_has_an_account_is_answered_like_any_other() -> None:
    address = {"username": "alice", "password": make.PASSWORD, "email": "a@x.example"}
    made = create_account(**address, by="console:ops", at=kit_clock.now())

    answers = [
        post(Client(), username=name, email=email)
        for name, email in (("bob", "A@x.example"), ("charlie", "new@x.example"))
    ]

    assert [(one.status_code, one["Location"]) for one in answers] == [(302, "/")] * 2
    assert list(User.objects.exclude(pk=made.pk).values_list("email", flat=True)) == ["", ""]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_one_name_one_gets_it() -> None:
    at, gate = kit_clock.now(), Barrier(8)

    def try_once(number: int) -> str:
        gate.wait()
        try:
            name = "alice" if number % 2 else "Alice"
            return sign_up(username=name, password=make.PASSWORD, at=at).username
        except NameTaken as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(try_once, range(8)))

    assert sorted(answers) == ["alice"] + ["name_taken"] * 7
