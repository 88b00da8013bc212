"""Many sign in at once with one guest's cookie: five rounds; `bench/run claims` has forty."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from atrium.chat.actions import start_chat
from atrium.chat.models import Chat
from atrium.files.models import File
from atrium.kit import clock
from atrium.people.actions import (
    CannotUndo,
    claim_guest,
    gather_claimed,
    undo_claim,
    welcome_guest,
)
from atrium.people.models import Claim, Guest, User
from atrium.people.queries import GUEST_COOKIE
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 16


def at_once(number: int, do: Any) -> list[Any]:
    """Have so many threads do it at one moment; ``do`` gets the number of its thread."""
    gate = Barrier(number)

    def one(place: int) -> Any:
        try:
            gate.wait(60)
            return do(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def owners_of(model: Any, guest: Guest) -> set[Any]:
    return set(model.objects.filter(guest=guest).values_list("person", flat=True))


def test_of_sixteen_sign_ins_with_one_cookie_one_brings_all_along() -> None:
    first = make.person(username="person-0", password=make.PASSWORD)
    people = [first, *(make.person(username=f"person-{place}") for place in range(1, AT_ONCE))]
    User.objects.update(password=first.password)  # hashed once
    for number in range(5):
        guest, cookie = welcome_guest(at=clock.now())
        for _chat in range(3):
            start_chat(by=make.caller(guest), at=clock.now())
        make.kept_file(by=guest)

        def sign_in(place: int, number: int = number, cookie: str = cookie) -> int:
            client = Client(REMOTE_ADDR=f"10.0.{number}.{place}")
            client.cookies[GUEST_COOKIE] = cookie
            form = {"username": people[place].username, "password": make.PASSWORD}
            return client.post("/sign-in", form).status_code

        assert set(at_once(AT_ONCE, sign_in)) == {302}

        claim = Claim.objects.get(guest=guest)
        assert owners_of(Chat, guest) == owners_of(File, guest) == {claim.person_id}
        counted = dict(claim.counts.values_list("what", "rows"))
        assert (counted["chat.chat"], counted["files.file"]) == (3, 1)


def test_of_many_who_undo_one_does_and_no_late_gathering_comes_between(alice: User) -> None:
    guest, _cookie = welcome_guest(at=clock.now())
    for _chat in range(3):
        start_chat(by=make.caller(guest), at=clock.now())
    claim = claim_guest(guest=guest, person=alice, at=clock.now())
    assert claim

    def undo_or_gather(place: int) -> bool:
        if place % 2:
            gather_claimed(guest_id=guest.pk, person_id=alice.pk, at=clock.now())
            return False
        try:
            undo_claim(claim=Claim.objects.get(pk=claim.pk), at=clock.now())
        except CannotUndo:
            return False
        return True

    assert at_once(8, undo_or_gather).count(True) == 1
    assert owners_of(Chat, guest) == {None}
    assert Chat.objects.filter(guest=guest).count() == 3
