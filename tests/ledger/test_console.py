"""What finance sees of the books, and does."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.kit.credits import MICRO
from atrium.ledger import actions as ledger
from atrium.ledger.models import Account, Correction, Entry, Hold
from atrium.ledger.queries import balance_of
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.ledger.books import NOON, audience, charge, give, hold

WHERE = "/console/ledger"
WHY = "The answer broke off."


@pytest.fixture
def fay(db: None, clock: Clock) -> User:
    return make.person(username="fay", staff_areas=["finance"])


@pytest.fixture
def desk(fay: User) -> Client:
    """The browser of somebody of finance, who has just signed in."""
    return make.enter(Client(), fay)


def press(client: Client, thing: Any, name: str, **told: Any) -> Any:
    where = f"{WHERE}/{thing._meta.model_name}/{thing.pk}/do/{name}/"
    return client.post(where, told)


def read(client: Client, path: str) -> str:
    return client.get(f"{WHERE}/{path}").content.decode()


def test_accounts_are_found_by_the_name_of_a_person(
    desk: Client, alice: User, charlie: User
) -> None:
    give(alice, 1234.5)
    give(charlie, 7)

    page = read(desk, "account/?q=alice")

    assert "1234.500000" in page
    assert "7.000000" not in page
    account = Account.objects.wallet_of(audience(alice)).get()
    assert "alice" in read(desk, f"account/{account.pk}/change/")


def test_entries_are_found_by_key_number_and_name(desk: Client, alice: User, charlie: User) -> None:
    given = give(alice, 5, key="for the first of May")
    other = give(charlie, 6, key="for the second")

    for asked in ("for the first of May", str(given.pk), "alice", audience(alice)):
        page = read(desk, f"entry/?q={asked}")
        assert f"/entry/{given.pk}/change/" in page, asked
        assert f"/entry/{other.pk}/change/" not in page, asked


def test_an_entry_shows_what_moved_and_where(desk: Client, alice: User) -> None:
    give(alice, 10)
    charge(alice, 4)

    page = read(desk, f"entry/{Entry.objects.latest('id').pk}/change/")

    assert "-4.500000" in page  # out of what was set aside
    assert "0.500000" in page  # back to spend
    assert "Earned" in page
    assert "Reverse" in page


def test_what_is_set_aside_too_long_is_marked(desk: Client, alice: User, clock: Clock) -> None:
    give(alice, 10)
    hold(alice, 1, key="new", at=NOON)
    hold(alice, 1, key="old", at=NOON - timedelta(hours=1))

    assert read(desk, "hold/?state__exact=held").count("Overdue") == 1
    assert "Set aside too long" in desk.get("/console/").content.decode()
    Hold.objects.filter(key="old").update(deadline_at=NOON + timedelta(hours=1))
    assert "Set aside too long" not in desk.get("/console/").content.decode()


def test_an_entry_is_reversed_with_a_reason(desk: Client, alice: User) -> None:
    given = give(alice, 10)

    assert press(desk, given, "reverse", reason="").status_code == 422
    assert press(desk, given, "reverse", reason=WHY).status_code == 302

    assert balance_of(audience(alice)) == 0
    assert WHY in read(desk, f"correction/{Correction.objects.get().pk}/change/")
    assert press(desk, given, "reverse", reason=WHY).status_code == 404  # no such button any more


def test_who_signed_in_long_ago_proves_it_again(alice: User, clock: Clock) -> None:
    late = make.person(staff_areas=["finance"], password=make.PASSWORD)
    desk = make.enter(Client(), late, ago=timedelta(hours=2))
    given = give(alice, 10)

    for answer in (
        press(desk, given, "reverse", reason=WHY),
        desk.post(f"{WHERE}/correction/new/", {"username": "alice", "amount": "5", "reason": WHY}),
    ):
        assert answer.status_code == 302
        assert "/sign-in/again" in answer["Location"]

    assert not Correction.objects.exists()


def test_credits_are_given_for_a_reason(desk: Client, alice: User) -> None:
    told = {"username": "Alice", "amount": "12.5", "reason": WHY}

    assert desk.post(f"{WHERE}/correction/new/", told).status_code == 302

    assert balance_of(audience(alice)) == 12_500_000
    assert Correction.objects.get().kind == "adjustment"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        *(("amount", text, "Write the credits") for text in ("-1", "1e30", "१२", "NaN", "1,5")),
        ("amount", "0", "above nothing"),
        ("amount", "99999999999", "too large"),
        ("username", "nobody", "Nobody has this name"),
        ("reason", " . ", "Say why"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_moves(
    desk: Client, alice: User, field: str, text: str, said: str
) -> None:
    told = {"username": "alice", "amount": "5", "reason": WHY, field: text}

    answer = desk.post(f"{WHERE}/correction/new/", told)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Correction.objects.exists()


def test_a_second_person_agrees(desk: Client, alice: User, fay: User) -> None:
    set_option(key="ledger.alone_up_to_credits", text="0", by="system", at=NOON)
    asked = ledger.adjust(person=alice, amount=MICRO, by=fay, reason=WHY, at=NOON)
    assert "Corrections" in desk.get("/console/").content.decode()

    press(desk, asked, "agree")
    assert balance_of(audience(alice)) == 0
    second = make.enter(Client(), make.person(staff_areas=["finance"]))
    press(second, asked, "agree")

    assert balance_of(audience(alice)) == MICRO


def test_only_finance_and_administrators_see_the_books(alice: User, clock: Clock) -> None:
    given = give(alice, 10)
    held = hold(alice, 1)
    correction = Correction.objects.create(
        kind="adjustment", holder="x", amount=1, reason=WHY, asked_by="y", asked_at=NOON
    )
    account = Account.objects.wallet_of(audience(alice)).get()
    for areas, status in (([], 403), (["support"], 403), (["finance"], 200)):
        client = make.enter(Client(), make.person(staff_areas=areas))
        for thing in (given, held, correction, account):
            pages = f"{WHERE}/{thing._meta.model_name}/"
            assert client.get(pages).status_code == status
            assert client.get(f"{pages}{thing.pk}/change/").status_code == status
