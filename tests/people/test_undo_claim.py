from datetime import timedelta
from typing import Any

import pytest

from atrium.chat.actions import begin_turn, start_chat
from atrium.chat.models import Chat, Turn
from atrium.engines.models import Model
from atrium.files.models import File, Usage
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.metering.models import Receipt
from atrium.people.actions import (
    CannotUndo,
    claim_guest,
    gather_claimed,
    undo_claim,
    welcome_guest,
)
from atrium.people.models import Claim, Guest, User
from atrium.people.queries import guest_with_token
from atrium.sources.models import Document
from tests import make
from tests.chat import scripted

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(db: None) -> Guest:
    return welcome_guest(at=kit_clock.now())[0]


def claimed(guest: Guest, person: User, **when: Any) -> Claim:
    claim = claim_guest(guest=guest, person=person, at=when.get("at", kit_clock.now()))
    assert claim
    return claim


def chat_of(who: User | Guest, text: str = "Why?") -> Chat:
    by, now = make.caller(who), kit_clock.now()
    chat = start_chat(by=by, at=now)
    say(who, chat, text)
    return chat


def say(who: User | Guest, chat: Chat, text: str) -> None:
    now = kit_clock.now()
    Turn.objects.filter(chat=chat, state="writing").update(
        state="done", ended_at=now, alive_until=None
    )
    model = Model.objects.filter(slug="scripted").first() or scripted.model()
    begin_turn(by=make.caller(who), chat=chat, text=text, model=model, at=now)


def seen(model: Any, who: User | Guest) -> set[Any]:
    return {row.pk for row in model.objects.visible_to(make.caller(who))}


def test_all_that_came_goes_back_and_nothing_else(guest: Guest, alice: User) -> None:
    theirs, hers = chat_of(guest), chat_of(alice)
    file, own = make.kept_file(by=guest), make.kept_file(by=alice)
    claim = claimed(guest, alice)

    undo_claim(claim=claim, at=kit_clock.now())

    assert (seen(Chat, guest), seen(Chat, alice)) == ({theirs.pk}, {hers.pk})
    assert (seen(File, guest), seen(File, alice)) == ({file.pk}, {own.pk})
    assert set(Turn.objects.filter(chat=theirs).values_list("person", flat=True)) == {None}
    assert Receipt.objects.of(make.caller(guest)).count() == 1
    assert claim.counts.get(what="chat.chat").gone_back == 1


def test_the_guest_gets_a_new_cookie_and_the_old_one_stays_dead(alice: User) -> None:
    guest, old = welcome_guest(at=kit_clock.now())
    claim = claimed(guest, alice)

    new = undo_claim(claim=claim, at=kit_clock.now())

    assert guest_with_token(new) == guest
    assert guest_with_token(old) is None
    assert (
        claim_guest(guest=guest, person=alice, at=kit_clock.now()) is None
    )  # known by the old one


def test_what_the_person_went_on_with_stays_theirs(guest: Guest, alice: User) -> None:
    document, other = make.document(by=guest), make.document(by=guest, name="other.txt")
    kept, left = chat_of(guest), chat_of(guest)
    kept.attachments.create(document=document, added_at=kit_clock.now())
    left.attachments.create(document=other, added_at=kit_clock.now())
    claim = claimed(guest, alice)
    say(alice, kept, "And then?")

    undo_claim(claim=claim, at=kit_clock.now())

    assert (seen(Chat, guest), seen(Chat, alice)) == ({left.pk}, {kept.pk})
    assert (seen(Document, guest), seen(Document, alice)) == ({other.pk}, {document.pk})
    assert (seen(File, guest), seen(File, alice)) == ({other.file_id}, {document.file_id})
    said = Turn.objects.filter(chat=kept, role="asked")
    assert set(said.values_list("person", flat=True)) == {alice.pk}


def test_it_can_be_undone_once_and_within_a_day(guest: Guest, alice: User) -> None:
    at = kit_clock.now()
    claim = claimed(guest, alice, at=at)

    with pytest.raises(CannotUndo):
        undo_claim(claim=claim, at=at + timedelta(hours=24))
    undo_claim(claim=claim, at=at + timedelta(hours=23))
    with pytest.raises(CannotUndo):
        undo_claim(claim=claim, at=at + timedelta(hours=23))


def test_a_late_gathering_takes_nothing_that_went_back(guest: Guest, alice: User) -> None:
    chat = chat_of(guest)
    claim = claimed(guest, alice)
    undo_claim(claim=claim, at=kit_clock.now())

    assert gather_claimed(guest_id=guest.pk, person_id=alice.pk, at=kit_clock.now()) == 0
    assert seen(Chat, guest) == {chat.pk}


def test_what_went_back_can_come_along_again_and_go_back_again(guest: Guest, alice: User) -> None:
    chat = chat_of(guest)
    first = claimed(guest, alice)
    undo_claim(claim=first, at=kit_clock.now())
    guest.refresh_from_db()

    second = claimed(guest, alice)
    assert (second.number, seen(Chat, alice)) == (2, {chat.pk})
    with pytest.raises(CannotUndo):
        undo_claim(claim=first, at=kit_clock.now())
    undo_claim(claim=second, at=kit_clock.now())

    assert seen(Chat, guest) == {chat.pk}


def test_another_may_claim_what_went_back(guest: Guest, alice: User, bob: User) -> None:
    chat = chat_of(guest)
    undo_claim(claim=claimed(guest, alice), at=kit_clock.now())
    guest.refresh_from_db()

    claimed(guest, bob)

    assert (seen(Chat, bob), seen(Chat, alice)) == ({chat.pk}, set())


def test_room_on_the_disk_counts_to_who_has_it(guest: Guest, alice: User) -> None:
    file = make.kept_file(by=guest)
    claim = claimed(guest, alice)
    run_due()
    undo_claim(claim=claim, at=kit_clock.now())
    run_due()

    kept = dict(Usage.objects.values_list("owner", "kept_bytes"))
    assert kept == {f"guest:{guest.pk}": file.size, f"person:{alice.pk}": 0}
