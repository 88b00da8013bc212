"""One thread does for many at once what each asked for: in order, once, told after the commit."""

import asyncio
from collections.abc import Iterator, Sequence
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from atrium.kit import clock
from atrium.kit.together import ALONE, Alone, Together, Work
from atrium.options.models import Setting

PATIENCE = 30


class Book:
    """Writes words into the database; ``refuses`` one whole round that has such a word."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.alone: list[str] = []
        self.refuses: set[str] = set()
        self.begun, self.may_go = Event(), Event()
        self.may_go.set()

    def all_of(self, words: Sequence[str]) -> list[str | Alone]:
        self.begun.set()
        assert self.may_go.wait(PATIENCE)
        self.rounds.append(list(words))
        with transaction.atomic():
            for word in words:
                _write(word)
            if bad := self.refuses.intersection(words):
                raise ValueError(f"not in one go: {bad}")
        return [ALONE if word.startswith("alone") else f"{word}!" for word in words]

    def one_of(self, word: str) -> str:
        self.alone.append(word)
        if word in self.refuses:
            raise KeyError(word)
        _write(word)
        return f"{word}, alone"


def _write(word: str) -> None:
    told = {"text": word, "changed_at": clock.now()}
    Setting.objects.update_or_create(key=word, defaults=told)


@pytest.fixture
def book(transactional_db: None) -> Book:
    return Book()


@pytest.fixture
def work(book: Book) -> Work[str, str]:
    return Work(book.all_of, book.one_of)


@pytest.fixture
def writers(work: Work[str, str]) -> Iterator[Together]:
    made = Together("writers", work)
    yield made
    made.close()


def ask(writers: Together, work: Work[str, str], book: Book, words: list[str]) -> list[Any]:
    """Ask for the first word; for the others while the thread is busy with it."""

    async def all_of_them() -> list[Any]:
        book.may_go.clear()
        first = asyncio.ensure_future(writers.do(work, words[0]))
        await asyncio.sleep(0)
        await asyncio.to_thread(book.begun.wait, PATIENCE)
        others = [asyncio.ensure_future(writers.do(work, word)) for word in words[1:]]
        await asyncio.sleep(0)
        book.may_go.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    return asyncio.run(all_of_them())


def words_that_stand() -> set[str]:
    return set(Setting.objects.values_list("key", flat=True))


def test_what_comes_while_the_thread_is_busy_goes_in_one_round_in_its_order(
    writers: Together, work: Work[str, str], book: Book
) -> None:
    """Planted and caught: a round that is done from its end."""
    answers = ask(writers, work, book, ["a", "d", "c", "b", "c"])

    assert answers == ["a!", "d!", "c!", "b!", "c!"]
    assert book.rounds == [["a"], ["d", "c", "b", "c"]]
    assert words_that_stand() == {"a", "b", "c", "d"}


def test_one_that_cannot_be_written_fails_alone(
    writers: Together, work: Work[str, str], book: Book
) -> None:
    """Planted and caught: the trouble of the round told to all of it."""
    book.refuses = {"bad"}

    answers = ask(writers, work, book, ["a", "b", "bad", "c"])

    assert [str(one) for one in answers] == ["a!", "b, alone", "'bad'", "c, alone"]
    assert isinstance(answers[2], KeyError)
    assert words_that_stand() == {"a", "b", "c"}


def test_what_a_round_leaves_out_is_done_by_itself(
    writers: Together, work: Work[str, str], book: Book
) -> None:
    assert ask(writers, work, book, ["a", "alone 1", "b"]) == ["a!", "alone 1, alone", "b!"]
    assert book.alone == ["alone 1"]


def test_who_is_answered_finds_it_committed(
    writers: Together, work: Work[str, str], book: Book
) -> None:
    async def ask_and_look() -> set[str]:
        await writers.do(work, "a")
        return await asyncio.to_thread(_look)

    assert asyncio.run(ask_and_look()) == {"a"}


def _look() -> set[str]:
    try:
        return words_that_stand()
    finally:
        connection.close()


def test_a_line_to_the_database_that_was_lost_is_opened_anew(
    writers: Together, work: Work[str, str], book: Book
) -> None:
    """Planted and caught: the broken connection kept for the next who come."""
    whole, single = book.all_of, book.one_of
    lost: list[str] = []

    def loses_it(words: Sequence[str]) -> list[str | Alone]:
        if not lost:
            lost.append("line")
            _cut()
        return whole(words)

    def loses_it_again(word: str) -> str:
        if len(lost) == 1:
            lost.append("line")
            raise OperationalError("the server closed the connection unexpectedly")
        return single(word)

    work.all_of, work.one_of = loses_it, loses_it_again

    assert ask(writers, work, book, ["a", "b"]) == ["a, alone", "b!"]
    assert words_that_stand() == {"a", "b"}


def _cut() -> None:
    """Close the line beneath Django, as a server that goes away does."""
    connection.ensure_connection()
    connection.connection.close()


def test_closing_does_first_what_waits(writers: Together, work: Work[str, str], book: Book) -> None:
    """Planted and caught: a thread that ends with the first round."""

    async def ask_and_close() -> list[str]:
        book.may_go.clear()
        first = asyncio.ensure_future(writers.do(work, "a"))
        await asyncio.sleep(0)
        await asyncio.to_thread(book.begun.wait, PATIENCE)
        others = [asyncio.ensure_future(writers.do(work, word)) for word in "bc"]
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(writers.close))
        book.may_go.set()
        await closing
        return list(await asyncio.wait_for(asyncio.gather(first, *others), PATIENCE))

    assert asyncio.run(ask_and_close()) == ["a!", "b!", "c!"]
    assert ask(writers, work, book, ["d"]) == ["d!"]  # and another thread begins
