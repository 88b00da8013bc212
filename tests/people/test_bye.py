"""Whoever may no longer listen hears of nothing more: the hubs are told to ask again at once."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from atrium.kit import bell, clock
from atrium.kit.carriers.silence import Silence
from atrium.people.actions import (
    change_password,
    claim_guest,
    end_session,
    sign_out_everywhere,
    undo_claim,
)
from atrium.people.actions.standing import suspend
from atrium.people.models import Session, User
from tests import make

NEW = "another battery staple"


class Overheard(Silence):
    """Keeps what was rung."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def send(self, topic: str, text: str) -> None:
        for audience, kind, _payload in json.loads(text or "{}").get("whispers", ()):
            self.said.append((audience, kind))


@pytest.fixture
def overheard() -> Iterator[Overheard]:
    carrier = Overheard()
    bell.use(carrier)
    yield carrier
    bell.use(None)


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def _end_one(alice: User) -> None:
    now = clock.now()
    session = Session.objects.create(
        key_hash="a" * 64,
        person_id_text=str(alice.pk),
        made_at=now,
        seen_at=now,
        expires_at=now + timedelta(days=1),
    )
    end_session(session=session, at=clock.now())


def _end_all(alice: User) -> None:
    sign_out_everywhere(person=alice, at=clock.now())


def _suspend(alice: User) -> None:
    make.admin()
    suspend(person=alice, reason="", by="system", at=clock.now())


def _change_password(alice: User) -> None:
    change_password(person=alice, old=make.PASSWORD, new=NEW, at=clock.now())


@pytest.mark.parametrize("do", [_end_one, _end_all, _suspend, _change_password])
def test_the_streams_of_a_person_are_asked_again_when_sessions_end(
    alice: User,
    overheard: Overheard,
    django_capture_on_commit_callbacks: Any,
    do: Callable[[User], None],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        do(alice)

    assert (f"person:{alice.pk}", "bye") in overheard.said


def test_who_held_a_claimed_guests_cookie_listens_no_longer(
    alice: User, overheard: Overheard, django_capture_on_commit_callbacks: Any
) -> None:
    guest = make.guest()

    with django_capture_on_commit_callbacks(execute=True):
        claim_guest(guest=guest, person=alice, at=clock.now())

    assert (f"guest:{guest.pk}", "bye") in overheard.said


def test_streams_are_asked_again_when_a_claim_is_undone(
    alice: User, overheard: Overheard, django_capture_on_commit_callbacks: Any
) -> None:
    claim = claim_guest(guest=make.guest(), person=alice, at=clock.now())
    assert claim

    with django_capture_on_commit_callbacks(execute=True):
        undo_claim(claim=claim, at=clock.now())

    assert (f"person:{alice.pk}", "bye") in overheard.said
