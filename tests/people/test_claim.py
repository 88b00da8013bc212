from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from atrium.audit.models import AuditEntry
from atrium.chat.models import Chat, Turn
from atrium.jobs.actions import enqueue
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.kit import clock as kit_clock
from atrium.people.actions import claim_guest, gather_claimed, welcome_guest
from atrium.people.comes_along import in_words, moving_models
from atrium.people.history import said_of
from atrium.people.models import Claim, Guest, Owned, User
from atrium.people.owned import owned_models
from tests import make

pytestmark = pytest.mark.django_db
# Who asked to be forgotten stays who they were, and no guest subscribes.
STAY = {"privacy.Erasure", "plans.Subscription"}
"""Tables that name a guest and stay with them."""


def test_every_table_that_belongs_to_somebody_is_found() -> None:
    found = owned_models()

    assert all(issubclass(model, Owned) for model in found)
    assert found == sorted(found, key=lambda model: model._meta.label)
    assert "chat.Chat" in {model._meta.label for model in found}


def test_what_the_guest_made_is_the_persons_and_nobody_elses(alice: User, charlie: User) -> None:
    guest, _token = welcome_guest(at=kit_clock.now())
    other, _token = welcome_guest(at=kit_clock.now())
    mine, theirs = make_chat(guest=guest), make_chat(guest=other)

    claim = claim_guest(guest=guest, person=alice, at=kit_clock.now())

    assert claim
    assert in_words(list(claim.counts.all())) == ["1 chat"]
    assert list(Chat.objects.visible_to(make.caller(alice))) == [mine]
    assert list(Chat.objects.visible_to(make.caller(charlie))) == []
    assert list(Chat.objects.visible_to(make.caller(guest))) == []
    assert list(Chat.objects.visible_to(make.caller(other))) == [theirs]
    mine.refresh_from_db()
    assert mine.guest_id == guest.pk


def test_a_second_claim_takes_nothing(alice: User, charlie: User) -> None:
    guest, _token = welcome_guest(at=kit_clock.now())
    chat = make_chat(guest=guest)
    claim_guest(guest=guest, person=alice, at=kit_clock.now())

    assert claim_guest(guest=guest, person=charlie, at=kit_clock.now()) is None

    chat.refresh_from_db()
    assert chat.person_id == alice.pk


def test_what_a_request_under_way_made_late_comes_along_later(alice: User) -> None:
    guest, _token = welcome_guest(at=kit_clock.now())
    claim_guest(guest=guest, person=alice, at=kit_clock.now())
    late = make_chat(guest=guest)
    job = Job.objects.get(name="people.gather_claimed")

    assert job.arguments == {"guest_id": str(guest.pk), "person_id": str(alice.pk)}
    assert gather_claimed(guest_id=guest.pk, person_id=alice.pk, at=kit_clock.now()) == 1
    late.refresh_from_db()
    assert late.person_id == alice.pk
    assert in_words(list(Claim.objects.get().counts.all())) == ["1 chat"]


def test_what_was_said_as_a_guest_is_said_by_the_person(alice: User) -> None:
    guest = make.guest()
    chat = make_chat(guest=guest)
    now = kit_clock.now()
    turn = Turn.objects.create(
        chat=chat, role="asked", guest=guest, text="Why?", made_at=now, ended_at=now
    )

    claim_guest(guest=guest, person=alice, at=now)

    turn.refresh_from_db()
    assert turn.person_id == alice.pk


def test_every_table_that_names_a_guest_says_whether_it_moves() -> None:
    naming = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.fields
        if field.related_model is Guest
    }

    moving = {model._meta.label for model in moving_models()}
    assert naming - moving == {"people.Claim"} | STAY


def test_what_is_told_of_a_claim_is_what_people_would_count(alice: User) -> None:
    guest, now = make.guest(), kit_clock.now()
    make_chat(guest=guest)
    make_chat(guest=guest, deleted_at=now)
    make.kept_file(by=guest)

    claim = claim_guest(guest=guest, person=alice, at=now)

    assert claim
    assert in_words(list(claim.counts.all())) == ["1 chat", "1 file"]
    assert claim.counts.get(what="chat.chat").rows == 2


def test_a_claim_is_written_down(alice: User) -> None:
    guest = make.guest()

    claim_guest(guest=guest, person=alice, at=kit_clock.now())

    entry = AuditEntry.objects.get(action="people.guest_claimed")
    assert (entry.by, entry.about_id) == (f"person:{alice.pk}", str(alice.pk))
    assert said_of(entry) == "What was made as a guest came along."


def test_the_database_lets_nobody_claim_a_guest_twice(alice: User, charlie: User) -> None:
    guest, now = make.guest(), kit_clock.now()
    claim_guest(guest=guest, person=alice, at=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(guest=guest, person=charlie, number=2, claimed_at=now)


def test_jobs_of_the_guest_end_with_the_person(alice: User, transactional_db: None) -> None:
    guest, now = make.guest(), kit_clock.now()
    job = enqueue(
        "files.recount", owner=f"guest:{guest.pk}", delay=timedelta(days=1), whose="", at=now
    )

    claim_guest(guest=guest, person=alice, at=now)
    run_due(at=now)

    job.refresh_from_db()
    assert job.owner == f"person:{alice.pk}"


def make_chat(**owner: Any) -> Any:
    """Make the least chat there is."""
    now = kit_clock.now()
    moments = {
        field.name: now
        for field in Chat._meta.fields
        if field.get_internal_type() == "DateTimeField" and not field.null
    }
    return Chat.objects.create(**owner, **moments)
