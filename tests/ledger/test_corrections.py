"""What finance puts right: by a new entry, for a reason, and beyond a limit never alone."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connections

from atrium.audit.models import AuditEntry
from atrium.kit import clock as kit_clock
from atrium.kit.credits import MICRO
from atrium.kit.money import BadAmount
from atrium.ledger import actions as ledger
from atrium.ledger.models import Account, Correction, Entry, Leg
from atrium.ledger.queries import balance_of, first_difference, owed_by
from atrium.ledger.statement import Sieve, page_of_lines
from atrium.notifications.models import Notification
from atrium.options.actions import set_option
from atrium.people.actions import claim_guest
from atrium.people.models import User
from tests import make
from tests.ledger.books import NOON, audience, charge, give, hold

pytestmark = pytest.mark.django_db
WHY = "The answer broke off."


@pytest.fixture
def fay(db: None) -> User:
    """Of finance."""
    return make.person(username="fay", staff_areas=["finance"])


@pytest.fixture
def gil(db: None) -> User:
    """Of finance, too."""
    return make.person(username="gil", staff_areas=["finance"])


def last(kind: str) -> Entry:
    return Entry.objects.filter(kind=kind).latest("id")


def test_a_charge_is_given_back_by_a_new_entry(alice: User, fay: User) -> None:
    give(alice, 10)
    charge(alice, 4)

    made = ledger.reverse(entry=last("settle"), by=fay, reason=WHY, at=NOON)

    assert (made.state, made.decided_by, made.amount) == ("done", "", 4 * MICRO)
    assert balance_of(audience(alice)) == 10 * MICRO
    earned = Leg.objects.filter(account__purpose=Account.Purpose.REVENUE)
    assert sum(earned.values_list("amount", flat=True)) == 0
    assert first_difference() is None
    [line, *_rest] = page_of_lines(make.caller(alice), Sieve(), after=None, size=5).items
    assert (line.kind.key, line.amount, line.told.note) == ("reversal", 4 * MICRO, WHY)


def test_it_is_done_once(alice: User, fay: User, gil: User) -> None:
    give(alice, 10)
    charge(alice, 4)
    ledger.reverse(entry=last("settle"), by=fay, reason=WHY, at=NOON)

    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(entry=last("settle"), by=gil, reason=WHY, at=NOON)

    assert balance_of(audience(alice)) == 10 * MICRO


def test_what_was_given_and_is_spent_is_owed(alice: User, fay: User) -> None:
    given = give(alice, 10)
    charge(alice, 7)

    ledger.reverse(entry=given, by=fay, reason=WHY, at=NOON)

    assert (balance_of(audience(alice)), owed_by(audience(alice))) == (0, 7 * MICRO)
    assert first_difference() is None


def test_whoever_claimed_a_guest_is_given_back_what_the_guest_was_charged(
    alice: User, fay: User
) -> None:
    guest = make.guest()
    give(guest, 10)
    charge(guest, 4)
    charged = last("settle")
    claim_guest(guest=guest, person=alice, at=NOON)

    ledger.reverse(entry=charged, by=fay, reason=WHY, at=NOON)

    assert (balance_of(audience(alice)), balance_of(audience(guest))) == (10 * MICRO, 0)
    assert first_difference() is None


def test_only_what_has_no_other_way_back_is_reversed(alice: User, fay: User) -> None:
    give(alice, 10)
    ledger.release(held=hold(alice, 4), at=NOON)
    ledger.book_money(gateway="sandbox", amount_minor=500, currency="USD", key="m", at=NOON)

    for kind in ("hold", "release", "money"):
        with pytest.raises(ledger.CannotReverse):
            ledger.reverse(entry=last(kind), by=fay, reason=WHY, at=NOON)

    assert not Correction.objects.exists()


def test_a_reason_is_needed(alice: User, fay: User) -> None:
    with pytest.raises(ledger.ReasonNeeded):
        ledger.reverse(entry=give(alice, 10), by=fay, reason="  . ", at=NOON)


def test_who_it_concerns_is_told_and_it_is_written_down(alice: User, fay: User) -> None:
    ledger.adjust(person=alice, amount=5 * MICRO, by=fay, reason=WHY, at=NOON)

    told = Notification.objects.get(person=alice)
    assert (told.kind, told.params) == (
        "ledger.corrected",
        {"amount": 5 * MICRO, "reason": WHY},
    )
    noted = AuditEntry.objects.get(action="correction.done")
    assert noted.by == f"person:{fay.pk}"
    assert noted.detail["reason"] == WHY


# Two people


def test_beyond_the_limit_of_a_day_a_second_person_agrees(
    alice: User, fay: User, gil: User
) -> None:
    set_option(key="ledger.alone_up_to_credits", text="10", by="system", at=NOON)
    ledger.adjust(person=alice, amount=9 * MICRO, by=fay, reason=WHY, at=NOON)

    asked = ledger.adjust(person=alice, amount=2 * MICRO, by=fay, reason=WHY, at=NOON)

    assert asked.state == "waiting"
    assert balance_of(audience(alice)) == 9 * MICRO
    with pytest.raises(ledger.YourOwnBooks):
        ledger.agree(correction=asked, by=fay, at=NOON)
    ledger.agree(correction=asked, by=gil, at=NOON)
    assert balance_of(audience(alice)) == 11 * MICRO
    with pytest.raises(ledger.AlreadyDecided):
        ledger.agree(correction=asked, by=make.admin(), at=NOON)
    assert balance_of(audience(alice)) == 11 * MICRO
    later = NOON + timedelta(days=1)
    alone = ledger.adjust(person=alice, amount=2 * MICRO, by=fay, reason=WHY, at=later)
    assert alone.state == "done"


def test_what_is_declined_moves_nothing_and_can_be_asked_again(
    alice: User, fay: User, gil: User
) -> None:
    set_option(key="ledger.alone_up_to_credits", text="0", by="system", at=NOON)
    given = give(alice, 10)
    asked = ledger.reverse(entry=given, by=fay, reason=WHY, at=NOON)
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(entry=given, by=gil, reason=WHY, at=NOON)

    ledger.decline(correction=asked, by=fay, at=NOON)  # who thought better of it

    assert balance_of(audience(alice)) == 10 * MICRO
    with pytest.raises(ledger.AlreadyDecided):
        ledger.agree(correction=asked, by=gil, at=NOON)
    again = ledger.reverse(entry=given, by=fay, reason=WHY, at=NOON)
    ledger.agree(correction=again, by=gil, at=NOON)
    assert balance_of(audience(alice)) == 0


def test_nobody_corrects_their_own_account(fay: User, gil: User) -> None:
    set_option(key="ledger.alone_up_to_credits", text="0", by="system", at=NOON)
    given = give(fay, 10)

    with pytest.raises(ledger.YourOwnBooks):
        ledger.adjust(person=fay, amount=1, by=fay, reason=WHY, at=NOON)
    with pytest.raises(ledger.YourOwnBooks):
        ledger.reverse(entry=given, by=fay, reason=WHY, at=NOON)
    asked = ledger.adjust(person=fay, amount=1, by=gil, reason=WHY, at=NOON)
    with pytest.raises(ledger.YourOwnBooks):
        ledger.agree(correction=asked, by=fay, at=NOON)


def test_the_database_itself_wants_two_people(alice: User, fay: User) -> None:
    set_option(key="ledger.alone_up_to_credits", text="0", by="system", at=NOON)
    asked = ledger.adjust(person=alice, amount=1, by=fay, reason=WHY, at=NOON)

    with pytest.raises(IntegrityError):
        Correction.objects.filter(pk=asked.pk).update(
            state="done", decided_by=asked.asked_by, decided_at=NOON
        )


@pytest.mark.parametrize("amount", [0, -1, True, 1.5, 10**15 + 1])
def test_amounts_that_are_none_are_refused(alice: User, fay: User, amount: int) -> None:
    with pytest.raises(BadAmount):
        ledger.adjust(person=alice, amount=amount, by=fay, reason=WHY, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_reverse_it_once() -> None:
    alice = make.person(username="alice")
    staff = [make.person(staff_areas=["finance"]) for _ in range(8)]
    give(alice, 10)
    charge(alice, 4)
    charged, together, outcomes = last("settle"), Barrier(8), []

    def one(by: User) -> None:
        together.wait()
        try:
            ledger.reverse(entry=charged, by=by, reason=WHY, at=kit_clock.now())
            outcomes.append("reversed")
        except ledger.AlreadyReversed:
            outcomes.append("too late")
        finally:
            connections.close_all()

    threads = [Thread(target=one, args=[by]) for by in staff]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["reversed", *["too late"] * 7]
    assert balance_of(audience(alice)) == 10 * MICRO
    assert first_difference() is None


@pytest.mark.django_db(transaction=True)
def test_one_person_in_eight_places_at_once_stays_within_the_limit() -> None:
    alice = make.person(username="alice")
    fay = make.person(username="fay", staff_areas=["finance"])
    set_option(key="ledger.alone_up_to_credits", text="10", by="system", at=NOON)
    together, states = Barrier(8), []

    def one() -> None:
        together.wait()
        try:
            made = ledger.adjust(person=alice, amount=3 * MICRO, by=fay, reason=WHY, at=NOON)
            states.append(made.state)
        finally:
            connections.close_all()

    threads = [Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(states) == ["done"] * 3 + ["waiting"] * 5
    assert balance_of(audience(alice)) == 9 * MICRO
