"""Signing in brings along what this browser's guest made, says so, and lets it be given back."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from atrium.chat.actions import start_chat
from atrium.chat.models import Chat
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.notifications.models import Notification
from atrium.people.actions import claim_guest, welcome_guest
from atrium.people.models import Claim, Guest, User
from atrium.people.queries import GUEST_COOKIE, guest_with_token
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def visit(*, chats: int = 1) -> tuple[Client, Guest]:
    """Return a browser whose guest has made something."""
    guest, token = welcome_guest(at=kit_clock.now())
    client = Client()
    client.cookies[GUEST_COOKIE] = token
    for _number in range(chats):
        start_chat(by=make.caller(guest), at=kit_clock.now())
    return client, guest


def sign_in(client: Client, username: str = "alice", **more: Any) -> Any:
    named = {"username": username, "password": make.PASSWORD}
    return client.post("/sign-in", named, follow=True, **more)


def chats(who: User | Guest) -> int:
    return Chat.objects.visible_to(make.caller(who)).count()


def test_the_page_after_signing_in_says_what_came_along(alice: User) -> None:
    client, guest = visit(chats=3)
    make.kept_file(by=guest)

    answer = sign_in(client)

    assert "in your account now: 3 chats, 1 file." in answer.content.decode()
    assert chats(alice) == 3
    assert client.cookies[GUEST_COOKIE].value == ""


def test_a_notification_leads_to_giving_it_back(alice: User) -> None:
    client, _guest = visit()
    sign_in(client)
    empty, _guest = visit(chats=0)
    sign_in(empty)

    run_due()

    told = Notification.objects.get(kind="people.guest_claimed")
    assert told.person == alice
    assert client.get(told.url).status_code == 200


def test_signing_up_brings_along_too() -> None:
    client, _guest = visit(chats=2)

    form = {"username": "dora", "password": make.PASSWORD}
    answer = client.post("/sign-up", form, follow=True)

    assert "in your account now: 2 chats." in answer.content.decode()
    assert chats(User.objects.get(username="dora")) == 2


def test_who_made_nothing_is_told_nothing(alice: User) -> None:
    client, _guest = visit(chats=0)

    assert "in your account now" not in sign_in(client).content.decode()
    assert "brought-along" not in client.get("/settings/security").content.decode()


def test_it_is_given_back_after_a_question(alice: User) -> None:
    client, guest = visit(chats=2)
    old = client.cookies[GUEST_COOKIE].value
    sign_in(client)
    claim = Claim.objects.get()
    address = f"/settings/claims/{claim.pk}/undo"
    assert address in client.get("/settings/security").content.decode()
    assert "2 chats" in client.get(address).content.decode()
    assert chats(alice) == 2

    answer = client.post(address, follow=True)

    assert "It went back." in answer.content.decode()
    assert (chats(alice), chats(guest)) == (0, 2)
    new = client.cookies[GUEST_COOKIE].value
    assert guest_with_token(new) == guest
    assert guest_with_token(old) is None
    client.post("/sign-out")
    assert client.get("/api/v1/chats").json()["items"]


def test_what_was_given_back_waits_until_it_is_asked_for(alice: User) -> None:
    client, guest = visit(chats=2)
    sign_in(client)
    client.post(f"/settings/claims/{Claim.objects.get().pk}/undo")
    client.post("/sign-out")

    answer = sign_in(client)

    assert "in your account now" not in answer.content.decode()
    assert (chats(alice), chats(guest)) == (0, 2)
    assert "/settings/claims/again" in client.get("/settings/security").content.decode()
    answer = client.post("/settings/claims/again", follow=True)
    assert "in your account now: 2 chats." in answer.content.decode()
    assert chats(alice) == 2
    assert client.post("/settings/claims/again").status_code == 404


def test_another_person_gives_nothing_back(alice: User, charlie: User) -> None:
    client, _guest = visit()
    sign_in(client)
    address = f"/settings/claims/{Claim.objects.get().pk}/undo"
    hers = Client()
    hers.force_login(charlie)

    assert hers.get(address).status_code == 404
    assert hers.post(address).status_code == 404
    assert chats(alice) == 1


# Attack 15: whoever plants or keeps a cookie


def test_of_two_browsers_with_one_cookie_one_wins(alice: User) -> None:
    make.person(username="mallory", password=make.PASSWORD)
    victim, guest = visit(chats=2)
    mallory = Client()
    mallory.cookies[GUEST_COOKIE] = victim.cookies[GUEST_COOKIE].value

    sign_in(victim)
    sign_in(mallory, "mallory")

    assert chats(alice) == 2
    assert chats(User.objects.get(username="mallory")) == 0
    assert Claim.objects.get().person == alice
    mallory.post("/sign-out")
    mallory.cookies[GUEST_COOKIE] = str(guest.token_hash)
    assert mallory.get("/api/v1/chats").status_code in {200, 401}
    assert not mallory.get("/api/v1/chats").json().get("items")


def test_who_planted_the_cookie_reads_nothing_after_the_victim_signed_in(alice: User) -> None:
    mallory, _guest = visit(chats=1)
    victim = Client()
    victim.cookies[GUEST_COOKIE] = mallory.cookies[GUEST_COOKIE].value
    sign_in(victim)
    hers = start_chat(by=make.caller(alice), at=kit_clock.now())

    assert mallory.get(f"/chat/{hers.pk}").status_code == 404
    mine = Chat.objects.exclude(pk=hers.pk).get()
    assert mallory.get(f"/chat/{mine.pk}").status_code == 404
    victim.post(f"/settings/claims/{Claim.objects.get().pk}/undo")
    assert mallory.get(f"/chat/{mine.pk}").status_code == 404


def test_the_session_has_a_new_key_after_signing_in(alice: User) -> None:
    client, _guest = visit()
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = str(session.session_key)
    client.cookies[settings.SESSION_COOKIE_NAME] = before

    sign_in(client)

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = before
    assert stolen.get("/settings").status_code == 302


def test_naming_a_guest_or_an_address_claims_nothing(alice: User) -> None:
    _client, guest = visit(chats=2)
    stranger = Client()
    named = {
        "username": "alice",
        "password": make.PASSWORD,
        "guest": str(guest.pk),
        "guest_id": str(guest.pk),
        "email": "somebody@example.org",
    }

    stranger.post(f"/sign-in?guest={guest.pk}", named)
    stranger.post("/settings/claims/again", {"guest": str(guest.pk)})

    assert chats(guest) == 2
    assert not Claim.objects.exists()


def test_a_claimed_guest_is_claimed_by_nobody_else(alice: User, charlie: User) -> None:
    _client, guest = visit()
    claim_guest(guest=guest, person=alice, at=kit_clock.now())

    guest.refresh_from_db()
    assert claim_guest(guest=guest, person=charlie, at=kit_clock.now()) is None
