"""Nothing of somebody who left is found again, and nothing of anybody else is missing."""

from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.core import mail

from atrium.audit import queries as audit
from atrium.files import verification
from atrium.jobs.inline import run_due
from atrium.ledger.models import Account
from atrium.metering.models import Receipt
from atrium.people import actions as people
from atrium.people.actions import issue_key
from atrium.people.models import Guest, ReservedName, User
from atrium.privacy import actions
from atrium.privacy.models import Erasure
from tests import make
from tests.house.matrix.belongings import belongings_of
from tests.house.matrix.whose import rows_of, ways_to_owners
from tests.privacy.conftest import Marked
from tests.privacy.scan import found_in_house

pytestmark = pytest.mark.django_db


def erase(person: User, clock: Any) -> Erasure:
    """Have it asked, thought over, begun and done, and what came late looked for."""
    erasure = actions.ask_erasure(person=person, at=clock.now)
    clock.forward(days=15)
    assert actions.begin_due(at=clock.now) == 1
    for _step in range(3):
        clock.forward(minutes=30)
        run_due(clock.now)
    erasure.refresh_from_db()
    return erasure


def counts_of(owner: User | Guest) -> dict[str, int]:
    return {
        table._meta.label: rows_of(owner, table, ways).count()
        for table, ways in ways_to_owners().items()
    }


def test_nothing_of_who_left_is_found_anywhere(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    assert isinstance(alice, User)
    names = ["alice-quarrel", "quarrel@example", "Alice Quarrel", alice.password, "nightly-key"]
    issue_key(person=alice, name="nightly-key", scopes=["read"], at=clock.now)
    before = found_in_house([*alice_marked.words, *names])
    assert len(before) >= 30, before

    erasure = erase(alice, clock)

    assert erasure.state == Erasure.State.DONE
    left = found_in_house([*alice_marked.words, *names])
    assert {alice_marked.words.get(word, word): where for word, where in left.items()} == {}


def test_nothing_of_others_goes_along(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    assert isinstance(alice, User)
    bob = make.person(username="bob", email="bob@example.org")
    belongings_of(bob)
    for _step in range(2):  # what is to be done for him is done, and he is told of it
        run_due(clock.forward(minutes=30))
    before = counts_of(bob)

    erase(alice, clock)

    assert counts_of(bob) == before
    assert User.objects.get(pk=bob.pk).email == "bob@example.org"


def test_the_books_and_the_audit_stay_true(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    assert isinstance(alice, User)
    receipts = Receipt.objects.filter(person=alice).count()
    entries = audit.about("person", alice.pk).count()

    erase(alice, clock)

    assert receipts
    assert Receipt.objects.filter(person=alice).count() == receipts
    assert not Receipt.objects.filter(person=alice, state=Receipt.State.OPEN).exists()
    assert audit.about("person", alice.pk).count() > entries
    assert audit.verify().is_true
    clock.forward(hours=2)
    assert list(verification.differences(at=clock.now)) == []


def test_only_the_number_is_left_of_the_account(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    erase(alice, clock)  # type: ignore[arg-type]

    empty = User.objects.get(pk=alice.pk)

    assert empty.username == f"erased-{alice.pk.hex}"
    assert not empty.is_active
    assert empty.erased_at
    assert not empty.has_usable_password()


def test_the_last_letter_goes_out_once(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    User.objects.filter(pk=alice.pk).update(email="alice@example.org", language="uk")

    erase(alice, clock)  # type: ignore[arg-type]

    letters = [one for one in mail.outbox if "alice@example.org" in one.to]
    assert (
        len([one for one in letters if "erased.atrium" in one.extra_headers.get("Message-ID", "")])
        == 1
    )


def test_the_name_is_kept_from_others_for_a_month(alice_marked: Marked, clock: Any) -> None:
    erase(alice_marked.owner, clock)  # type: ignore[arg-type]
    come_in = partial(people.sign_up, username="Alice-Quarrel", password=make.PASSWORD)

    with pytest.raises(people.NameTaken):
        come_in(at=clock.now)

    clock.forward(days=31)
    assert come_in(at=clock.now).username == "alice-quarrel"
    assert not ReservedName.objects.filter(pk__contains="alice").exists()


def test_a_guest_whom_she_claimed_goes_with_her(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    guest, token = people.welcome_guest(at=clock.now)
    belongings_of(guest)
    marked = Marked(guest)
    marked.plant()
    people.claim_guest(guest=guest, person=alice, at=clock.now)  # type: ignore[arg-type]

    erase(alice, clock)  # type: ignore[arg-type]

    assert found_in_house([*marked.words, token]) == {}
    assert Guest.objects.get(pk=guest.pk).token_hash.startswith("erased-")


def test_a_guest_is_forgotten_at_once(guest_marked: Marked, clock: Any) -> None:
    guest = guest_marked.owner
    assert isinstance(guest, Guest)
    assert found_in_house(guest_marked.words)

    erasure = actions.forget_guest(guest=guest, at=clock.now)
    run_due(clock.now)

    assert erasure
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.DONE
    left = found_in_house(guest_marked.words)
    assert {guest_marked.words[word]: where for word, where in left.items()} == {}


def test_what_comes_late_goes_too(alice_marked: Marked, clock: Any) -> None:
    alice = alice_marked.owner
    assert isinstance(alice, User)
    actions.ask_erasure(person=alice, at=clock.now)
    clock.forward(days=15)
    actions.begin_due(at=clock.now)
    run_due(clock.forward(minutes=2))
    make.kept_file(by=alice, name="late.txt", content=b"A latecomer.")

    run_due(clock.forward(minutes=30))

    assert found_in_house(["latecomer", "late.txt"]) == {}


def test_wallets_keep_what_is_in_them(alice_marked: Marked, clock: Any) -> None:
    holder = f"person:{alice_marked.owner.pk}"
    Account.objects.create(holder=holder, purpose="wallet", asset="EUR", balance=7)

    erase(alice_marked.owner, clock)  # type: ignore[arg-type]

    assert Account.objects.get(holder=holder, asset="EUR").balance == 7


def test_every_table_of_hers_is_empty_or_published_as_kept(
    alice_marked: Marked, clock: Any
) -> None:
    from atrium.people.belongings import Rule, every_part  # noqa: PLC0415

    kept = {
        one.table._meta.label
        for part in every_part()
        for one in part.belongings
        if one.rule != Rule.ERASED
    }

    erase(alice_marked.owner, clock)  # type: ignore[arg-type]

    left = {
        table._meta.label
        for table, ways in ways_to_owners().items()
        if rows_of(alice_marked.owner, table, ways).exists() and not table._meta.proxy
    }
    assert left - kept == set()
    assert apps.get_model("privacy", "Erasure")._meta.label in kept
