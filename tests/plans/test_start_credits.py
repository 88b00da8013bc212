from typing import Any

import pytest

from atrium.jobs.inline import run_due
from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.ledger.models import Entry
from atrium.options.actions import set_option
from atrium.people.actions import claim_guest, create_account, sign_up, undo_claim
from atrium.plans.actions.start_credits import give_start_credits
from tests import make
from tests.plans.shop import credits_of

pytestmark = pytest.mark.django_db


def begin_with(credits_: int) -> None:
    set_option(key="credits.start", text=str(credits_), by="system", at=clock.now())


def newcomer(name: str = "newcomer") -> Any:
    person = sign_up(username=name, password="correct horse battery", at=clock.now())
    run_due()
    return person


def test_a_new_account_begins_with_credits_as_an_entry() -> None:
    begin_with(7)
    person = newcomer()
    assert credits_of(person) == 7
    assert Entry.objects.get(kind="start").key == f"start:{person.pk}"


def test_an_account_that_staff_made_does_too() -> None:
    begin_with(7)
    made = create_account(
        username="made", password="correct horse battery", by="console:root", at=clock.now()
    )
    run_due()
    assert credits_of(made) == 7


def test_none_is_a_number_too() -> None:
    begin_with(0)
    assert credits_of(newcomer()) == 0
    assert not Entry.objects.exists()


def test_a_guest_who_signs_up_gets_them_once_whatever_is_claimed_and_undone() -> None:
    begin_with(7)
    guest, person = make.guest(), newcomer()
    claim = claim_guest(guest=guest, person=person, at=clock.now())
    assert claim
    undo_claim(claim=claim, at=clock.now())
    guest.refresh_from_db()
    claim_guest(guest=guest, person=person, at=clock.now())
    run_due()
    assert give_start_credits(person=person, at=clock.now()) == 7 * MICRO
    assert (credits_of(person), credits_of(guest)) == (7, 0)
