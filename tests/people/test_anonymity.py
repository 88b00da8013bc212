"""Who stays anonymous is named to nobody: not after a claim, not after its undoing."""

import pytest
from django.test import Client

from atrium.chat.models import Chat
from atrium.kit import clock
from atrium.people.access import shown_name
from atrium.people.actions import claim_guest, undo_claim, welcome_guest
from atrium.people.actions.guests import choose_anonymity
from atrium.people.models import User
from atrium.people.queries import GUEST_COOKIE
from tests import make

pytestmark = pytest.mark.django_db


def test_a_person_is_named_until_they_choose_otherwise(alice: User) -> None:
    assert shown_name(make.caller(alice)) == "alice"

    choose_anonymity(owner=alice, anonymous=True, at=clock.now())
    assert shown_name(make.caller(alice)) == "Anonymous"

    choose_anonymity(owner=alice, anonymous=False, at=clock.now())
    assert shown_name(make.caller(alice)) == "alice"


def test_what_an_anonymous_guest_made_stays_nameless(alice: User) -> None:
    guest, now = make.guest(), clock.now()
    choose_anonymity(owner=guest, anonymous=True, at=now)
    chat = Chat.objects.create(guest=guest, made_at=now, touched_at=now)
    hers = Chat.objects.create(person=alice, made_at=now, touched_at=now)

    claim = claim_guest(guest=guest, person=alice, at=now)
    assert claim
    assert shown_name(Chat.objects.get(pk=chat.pk)) == "Anonymous"
    assert shown_name(Chat.objects.get(pk=hers.pk)) == "alice"

    undo_claim(claim=claim, at=now)
    guest.refresh_from_db()
    assert guest.anonymous_since == now
    assert shown_name(Chat.objects.get(pk=chat.pk)) == "Anonymous"


def test_a_persons_choice_covers_what_comes_along(alice: User) -> None:
    guest, now = make.guest(), clock.now()
    chat = Chat.objects.create(guest=guest, made_at=now, touched_at=now)
    choose_anonymity(owner=alice, anonymous=True, at=now)

    claim_guest(guest=guest, person=alice, at=now)

    assert shown_name(Chat.objects.get(pk=chat.pk)) == "Anonymous"


def test_a_person_chooses_in_their_profile(client: Client, alice: User) -> None:
    client.force_login(alice)

    client.post("/settings/anonymity", {"anonymous": "yes"})
    alice.refresh_from_db()
    assert alice.anonymous_since
    assert "You stay anonymous" in client.get("/settings").content.decode()

    client.post("/settings/anonymity", {"anonymous": "no"})
    alice.refresh_from_db()
    assert alice.anonymous_since is None


def test_a_guest_chooses_too(client: Client) -> None:
    guest, token = welcome_guest(at=clock.now())
    client.cookies[GUEST_COOKIE] = token

    answer = client.post("/settings/anonymity", {"anonymous": "yes"}, follow=True)

    guest.refresh_from_db()
    assert guest.anonymous_since
    assert "You stay anonymous" in answer.content.decode()
