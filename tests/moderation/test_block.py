from datetime import timedelta

import pytest
from django.test import Client

from atrium.chat.models import Chat
from atrium.kit.errors import TooMany
from atrium.kit.limits import LIMITS
from atrium.moderation.access import blocked_between, without_blocked
from atrium.moderation.actions import CannotBlock, block, unblock
from atrium.moderation.models import Block
from atrium.notifications.models import Notification
from atrium.people.models import User
from tests import make
from tests.conftest import Clock


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_they_hear_nothing_from_each_other(alice: User, bob: User, clock: Clock) -> None:
    assert not blocked_between(alice, bob)

    block(person=alice, name=" BOB ", at=clock.now)

    assert blocked_between(alice, bob)
    assert blocked_between(bob, alice)
    assert not blocked_between(alice, None)


def test_blocking_twice_blocks_once_and_unblocking_ends_it(
    alice: User, bob: User, clock: Clock
) -> None:
    first = block(person=alice, name="bob", at=clock.now)

    assert block(person=alice, name="bob", at=clock.forward(days=1)) == first
    assert unblock(person=alice, name="Bob")
    assert not unblock(person=alice, name="bob")
    assert not blocked_between(alice, bob)


def test_a_list_leaves_out_both_sides_and_keeps_what_nobody_made(
    alice: User, bob: User, charlie: User, clock: Clock
) -> None:
    now, guest = clock.now, make.guest()
    rows = [
        Chat.objects.create(**owner, made_at=now, touched_at=now)
        for owner in ({"person": bob}, {"person": charlie}, {"guest": guest})
    ]
    block(person=alice, name="bob", at=now)

    of_alice = without_blocked(Chat.objects.all(), make.caller(alice))
    assert set(of_alice) == {rows[1], rows[2]}
    of_bob = without_blocked(Chat.objects.filter(person=alice), make.caller(bob))
    assert not of_bob.exists()
    assert without_blocked(Chat.objects.all(), make.caller(guest)).count() == 3


def test_an_unknown_name_is_answered_like_a_known_one(browser: Client, bob: User) -> None:
    told = [browser.put(f"/api/v1/blocks/{name}") for name in ("bob", "nobody-has-this")]

    assert {answer.status_code for answer in told} == {200}
    assert {tuple(answer.json()) for answer in told} == {("name", "made_at")}
    listed = browser.get("/api/v1/blocks").json()["items"]
    assert [one["name"] for one in listed] == ["bob", "nobody-has-this"]


def test_nobody_learns_that_they_are_blocked(
    client: Client, alice: User, bob: User, clock: Clock
) -> None:
    block(person=alice, name="bob", at=clock.now)
    client.force_login(bob)

    assert client.get("/api/v1/blocks/alice").status_code == 404
    assert "alice" not in client.get("/settings/blocked").content.decode()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "alice", "ALICE", "x" * 41, "a\0b"])
def test_what_is_no_name_of_another_is_refused(alice: User, name: str, clock: Clock) -> None:
    with pytest.raises(CannotBlock):
        block(person=alice, name=name, at=clock.now)


def test_names_cannot_be_tried_one_after_another(alice: User, clock: Clock) -> None:
    for number in range(LIMITS.blocks_an_hour):
        block(person=alice, name=f"name{number}", at=clock.now)

    with pytest.raises(TooMany) as refused:
        block(person=alice, name="one-more", at=clock.now)
    assert refused.value.retry_at == clock.now + timedelta(hours=1)


def test_the_page_blocks_and_unblocks(browser: Client, alice: User, bob: User) -> None:
    assert browser.post("/settings/blocked", {"name": "bob"}).status_code == 302
    (one,) = Block.objects.filter(person=alice)

    assert "bob" in browser.get("/settings/blocked").content.decode()
    assert browser.post(f"/settings/blocked/{one.pk}/unblock").status_code == 302
    assert browser.post(f"/settings/blocked/{one.pk}/unblock").status_code == 404
    assert browser.post("/settings/blocked", {"name": "alice"}).status_code == 422
    assert not Block.objects.exists()
