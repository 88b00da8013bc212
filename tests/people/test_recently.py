from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.people.actions import issue_key
from atrium.people.models import Session, User
from atrium.people.recently import ProveAgain, check_recent
from tests import make

LONG_AGO = timedelta(minutes=16)


@pytest.fixture
def root(db: None) -> User:
    return make.admin(password=make.PASSWORD)


@pytest.fixture
def late(client: Client, root: User) -> Client:
    """The administrator's browser, in which the password was given too long ago."""
    return make.enter(client, root, ago=LONG_AGO)


@pytest.fixture
def address(alice: User) -> str:
    return f"/console/people/user/{alice.pk}/do/change_role/"


def prove(client: Client, address: str, password: str = make.PASSWORD) -> Any:
    return client.post("/sign-in/again", {"password": password, "next": address})


def test_who_gave_the_password_just_now_is_not_asked(
    client: Client, root: User, alice: User, address: str
) -> None:
    make.enter(client, root)

    client.post(address, {"role": "ADMIN"})

    alice.refresh_from_db()
    assert alice.role == "ADMIN"


def test_a_page_asks_again_and_then_goes_on_to_what_was_asked(
    late: Client, alice: User, address: str
) -> None:
    asked = late.post(address, {"role": "ADMIN"})

    assert asked["Location"].startswith("/sign-in/again?next=%2Fconsole")
    alice.refresh_from_db()
    assert alice.role == "USER"
    assert "Is it you" in late.get(asked["Location"]).content.decode()

    done = prove(late, address)

    alice.refresh_from_db()
    assert (done.status_code, alice.role) == (302, "ADMIN")
    assert done["Location"] == f"/console/people/user/{alice.pk}/change/"
    assert late.get(address).status_code == 200  # and for a while it is not asked for again


def test_a_page_that_was_only_opened_is_opened_then(late: Client, address: str) -> None:
    assert late.get(address)["Location"].startswith("/sign-in/again")

    assert prove(late, address)["Location"] == address


def test_a_wrong_password_does_nothing(late: Client, alice: User, address: str) -> None:
    late.post(address, {"role": "ADMIN"})

    assert prove(late, address, "wrong").status_code == 200

    alice.refresh_from_db()
    assert alice.role == "USER"


def test_what_was_given_up_is_not_done_by_a_later_proof(
    late: Client, alice: User, address: str
) -> None:
    late.post(address, {"role": "ADMIN"})

    assert prove(late, "/settings")["Location"] == "/settings"
    alice.refresh_from_db()
    assert alice.role == "USER"

    prove(late, address)
    alice.refresh_from_db()
    assert alice.role == "USER"


def test_what_was_asked_lies_sealed_in_the_session(late: Client, address: str) -> None:
    late.post(address, {"role": "ADMIN", "password": "a secret of mine"})

    held = str(dict(late.session))
    assert "account_reauthentication_state" in held
    assert "secret" not in held
    assert "role=" not in held
    assert str(late.cookies["session"].value) not in held
    assert Session.objects.count() == 1


def test_one_who_has_nothing_to_prove_it_with_is_told_so(client: Client, address: str) -> None:
    make.enter(client, make.admin(), ago=LONG_AGO)

    answer = client.post(address, {"role": "ADMIN"}, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (403, "prove_again")


def test_a_proof_of_somebody_else_is_none(client: Client, root: User, address: str) -> None:
    make.enter(client, root)
    session = client.session
    session["account_authentication_methods_user"] = "somebody else"
    session.save()

    assert client.get(address)["Location"].startswith("/sign-in/again")


def test_a_key_proves_nothing_lately(root: User, rf: Any) -> None:
    key, _token = issue_key(person=root, name="mine", scopes=["account"], at=clock.now())
    request = rf.get("/")
    request.caller = make.caller(root)
    object.__setattr__(request.caller, "key", key)

    with pytest.raises(ProveAgain):
        check_recent(request)
