"""What a guest may spend comes along when they sign in, and goes back while it is there."""

from datetime import timedelta

import pytest

from atrium.kit import clock
from atrium.ledger import actions as ledger
from atrium.ledger.actions import Move
from atrium.ledger.models import Account, Entry
from atrium.ledger.posting import PLATFORM
from atrium.ledger.queries import balance_of, first_difference
from atrium.people.actions import CannotUndo, claim_guest, undo_claim
from atrium.people.models import Claim, Guest, User
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(db: None) -> Guest:
    return make.guest()


def give(holder: str, amount: int) -> None:
    ledger.post(
        key=f"gift:{holder}:{amount}",
        kind="gift",
        legs=[
            Move(PLATFORM, Account.Purpose.ISSUED, -amount),
            Move(holder, Account.Purpose.WALLET, amount),
        ],
        at=clock.now(),
    )


def claimed(guest: Guest, person: User) -> Claim:
    claim = claim_guest(guest=guest, person=person, at=clock.now())
    assert claim
    return claim


def test_a_claim_is_one_posting(guest: Guest, alice: User) -> None:
    give(f"guest:{guest.pk}", 50)
    give(f"person:{alice.pk}", 7)

    claimed(guest, alice)

    assert Entry.objects.get(kind="claim").key == f"claim:{guest.pk}"
    assert balance_of(f"person:{alice.pk}") == 57
    assert balance_of(f"guest:{guest.pk}") == 0
    assert first_difference() is None


def test_who_brings_nothing_posts_nothing(guest: Guest, alice: User) -> None:
    claimed(guest, alice)

    assert not Entry.objects.exists()


def test_an_undone_claim_is_posted_back(guest: Guest, alice: User) -> None:
    give(f"guest:{guest.pk}", 50)
    claim = claimed(guest, alice)

    undo_claim(claim=claim, at=clock.now())

    assert (balance_of(f"person:{alice.pk}"), balance_of(f"guest:{guest.pk}")) == (0, 50)
    guest.refresh_from_db()
    again = claimed(guest, alice)
    assert balance_of(f"person:{alice.pk}") == 50
    undo_claim(claim=again, at=clock.now())
    assert balance_of(f"guest:{guest.pk}") == 50
    assert first_difference() is None


def test_what_was_spent_keeps_the_claim_as_it_is(guest: Guest, alice: User) -> None:
    chat_owner = f"person:{alice.pk}"
    file = make.kept_file(by=guest)
    give(f"guest:{guest.pk}", 50)
    claim = claimed(guest, alice)
    held = ledger.hold(
        key="call", holder=chat_owner, amount=20, at=clock.now(), deadline=clock.now()
    )
    ledger.settle(held=held, amount=20, at=clock.now())

    with pytest.raises(CannotUndo, match="credits"):
        undo_claim(claim=claim, at=clock.now())

    claim.refresh_from_db()
    file.refresh_from_db()
    assert claim.undone_at is None
    assert file.person_id == alice.pk
    assert Guest.objects.get().claimed_by == alice
    give(chat_owner, 20)
    undo_claim(claim=claim, at=clock.now())
    assert balance_of(f"guest:{guest.pk}") == 50


def test_what_was_set_aside_at_the_claim_follows_when_it_comes_back(
    guest: Guest, alice: User
) -> None:
    now = clock.now()
    give(f"guest:{guest.pk}", 50)
    held = ledger.hold(
        key="call",
        holder=f"guest:{guest.pk}",
        amount=30,
        at=now,
        deadline=now + timedelta(minutes=15),
    )
    claim = claimed(guest, alice)
    assert balance_of(f"person:{alice.pk}") == 20

    ledger.settle(held=held, amount=10, at=now)

    assert balance_of(f"person:{alice.pk}") == 40
    assert first_difference() is None
    undo_claim(claim=claim, at=now)
    assert balance_of(f"guest:{guest.pk}") == 40
    assert first_difference() is None
