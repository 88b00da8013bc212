from typing import Any

import pytest

from atrium.chat.models import Chat
from atrium.jobs.models import Job
from atrium.kit import clock as kit_clock
from atrium.people.actions import claim_guest, gather_claimed, welcome_guest
from atrium.people.models import Owned, User
from atrium.people.owned import owned_models
from tests import make

pytestmark = pytest.mark.django_db


def test_every_table_that_belongs_to_somebody_is_found() -> None:
    found = owned_models()

    assert all(issubclass(model, Owned) for model in found)
    assert found == sorted(found, key=lambda model: model._meta.label)
    assert "chat.Chat" in {model._meta.label for model in found}


def test_what_the_guest_made_is_the_persons_and_nobody_elses(alice: User, charlie: User) -> None:
    guest, _token = welcome_guest(at=kit_clock.now())
    other, _token = welcome_guest(at=kit_clock.now())
    mine, theirs = make_chat(guest=guest), make_chat(guest=other)

    assert claim_guest(guest=guest, person=alice, at=kit_clock.now()) == 1

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
    assert gather_claimed(guest_id=guest.pk, person_id=alice.pk) == 1
    late.refresh_from_db()
    assert late.person_id == alice.pk


def make_chat(**owner: Any) -> Any:
    """Make the least chat there is."""
    now = kit_clock.now()
    moments = {
        field.name: now
        for field in Chat._meta.fields
        if field.get_internal_type() == "DateTimeField" and not field.null
    }
    return Chat.objects.create(**owner, **moments)
