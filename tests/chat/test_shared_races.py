"""Sharing, ending and going on at one moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from atrium.chat.actions import fork, revoke_copy, share_chat
from atrium.chat.copies import CopyIsGone, path_to, shared_with, stretch_of
from atrium.chat.models import Chat, SharedCopy, SharedTurn
from atrium.kit import clock
from tests import make
from tests.chat.spoken import chat_that_says

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deeds: Sequence[Callable[[], object]]) -> Counter[str]:
    together = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> str:
        together.wait(60)
        try:
            deed()
        except CopyIsGone:
            return "gone"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(one, deeds))


def test_shared_by_eight_lines_at_once_there_is_one_link() -> None:
    alice = make.person(username="alice")
    chat = chat_that_says(alice, ("One?", "First."), ("Two?", "Second."))

    def share() -> None:
        share_chat(chat=chat, by=make.caller(alice), at=clock.now())

    assert at_once([share] * 8) == {"done": 8}
    assert SharedCopy.objects.count() == 1
    assert [turn.number for turn in SharedTurn.objects.all()] == [1, 2, 3, 4]


def test_what_is_gone_on_with_while_it_ends_is_whole_or_not_there() -> None:
    alice = make.person(username="alice")
    people = [make.person() for _ in range(6)]
    for _round in range(4):
        copy = share_chat(chat=chat_that_says(alice), by=make.caller(alice), at=clock.now())
        before = Chat.objects.count()

        def go_on(number: int, copy: SharedCopy = copy) -> None:
            fork(copy=copy, by=make.caller(people[number]), at=clock.now())

        def end(copy: SharedCopy = copy) -> None:
            revoke_copy(copy=copy, at=clock.now())

        ended = at_once([*(lambda n=n: go_on(n) for n in range(6)), end])

        copy.refresh_from_db()
        fresh = Chat.objects.exclude(person=alice).order_by("-made_at")[: ended["done"] - 1]
        assert Chat.objects.count() - before == ended["done"] - 1 == copy.forks
        assert {chat.turns.count() for chat in fresh} <= {2}
        assert not SharedTurn.objects.filter(copy=copy).exists()


def test_shared_anew_while_it_ends_the_link_is_whole_or_gone() -> None:
    alice = make.person(username="alice")
    chat = chat_that_says(alice)
    for _round in range(4):
        copy = share_chat(chat=chat, by=make.caller(alice), at=clock.now())
        token = path_to(copy).rpartition("/")[2]

        def share() -> None:
            share_chat(chat=chat, by=make.caller(alice), at=clock.now())

        def end(copy: SharedCopy = copy) -> None:
            revoke_copy(copy=copy, at=clock.now())

        def read(token: str = token) -> None:
            found = stretch_of(shared_with(token, at=clock.now())).turns
            assert len(found) == 2

        at_once([share, end, read, read])

        for left in SharedCopy.objects.all():
            assert left.turns.count() == (0 if left.revoked_at else 2)
        assert SharedCopy.objects.filter(revoked_at=None).count() <= 1
