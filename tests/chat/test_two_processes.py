"""Two web processes of one house: an answer written in one is read, and stopped, from the other."""

import hashlib
import json
import os
import random
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.db import connection

from bench.journal import MODEL, PROMPT_TOKENS, Journal, journal, written
from bench.kills import House, until
from tests.chat.reader import Reader
from tests.house.servers import ServerFailed, redis_server

pytestmark = pytest.mark.timeout(900)

CUTS = 100
_numbers = count(1)


@dataclass
class Two:
    """Both processes, the engine that they ask, and one person with a key and a session."""

    first: House
    second: House
    engine: Journal
    person: dict[str, str]

    def begin(self, pieces: int) -> dict[str, Any]:
        """Have an answer of so many pieces begun in the first process."""
        mark = f"chat-{next(_numbers)}"
        body = json.dumps({"text": f"{mark} x{pieces}", "model": MODEL}).encode()
        status, asked = self.first.ask(
            "POST", "/api/v1/chats", body, self.person["key"], "application/json"
        )
        assert status == 202, asked
        answer: dict[str, Any] = asked["answer"]
        until(lambda: self.engine.of(mark), "the engine was not asked")
        return answer

    def answer(self, answer_id: str) -> dict[str, Any]:
        """Return what the second process says of it."""
        where = f"/api/v1/chats/turns/{answer_id}"
        _status, found = self.second.ask("GET", where, token=self.person["key"])
        assert isinstance(found, dict), found
        return found

    def stop(self, answer_id: str) -> None:
        """Press Stop in the second process."""
        where = f"/api/v1/chats/turns/{answer_id}/stop"
        assert self.second.ask("POST", where, token=self.person["key"])[0] == 202

    def until_ended(self, answer_id: str) -> dict[str, Any]:
        until(lambda: self.answer(answer_id)["state"] != "writing", "it does not end")
        return self.answer(answer_id)

    def reader(self, answer_id: str) -> Reader:
        return Reader(address_of(self.second), f"session={self.person['session']}", answer_id)

    def watch(self, answer_id: str) -> Reader:
        """Listen to the second process until it goes down."""
        reader = self.reader(answer_id)
        threading.Thread(target=lambda: reader.listen(10**9, 600), daemon=True).start()
        return reader


def address_of(house: House) -> str:
    return f"http://127.0.0.1:{house.port}"


@contextmanager
def two(folder: Path, *, redis_url: str = "") -> Iterator[Two]:
    """Serve one house by two processes, on the kind of database that this run of tests is on."""
    with ExitStack() as stack:
        url = stack.enter_context(database())
        engine = stack.enter_context(journal(gap=0.002))
        first, second = House(folder, url), House(folder, url)
        for house in (first, second):
            stack.callback(house.stop)
            house.environment |= {"ATRIUM_WORKER": "none", "ATRIUM_REDIS_URL": redis_url}
        prepared = first.atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr
        made = first.python("bench.callers_made", "1", engine.url, MODEL)
        assert made.returncode == 0, made.stderr
        for house in (first, second):
            house.start()
        yield Two(first, second, engine, json.loads(made.stdout.splitlines()[-1])[0])


@contextmanager
def database() -> Iterator[str]:
    """Give an empty database of its own beside that of the tests; on SQLite the folder has one."""
    if connection.vendor != "postgresql":
        yield ""
        return
    name, url = f"two_{secrets.token_hex(4)}", os.environ["ATRIUM_TEST_POSTGRES"]
    told = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    reached = f"host={told['host']} port={told['port']} user={told['user']} dbname=postgres"
    with psycopg.connect(reached, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")
        try:
            yield url.replace("/atrium?", f"/{name}?").replace("pool=off", "pool=on")
        finally:
            line.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class WithRedis:
    house: Two
    running: ExitStack
    folder: Path

    @contextmanager
    def gone(self) -> Iterator[None]:
        self.running.close()
        try:
            yield
        finally:
            self.running.enter_context(redis_server(self.folder))


@pytest.fixture(scope="module")
def by_redis(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WithRedis]:
    """Both processes, with a Redis of their own between them."""
    with ExitStack() as stack:
        redis_folder = tmp_path_factory.mktemp("r")
        redis = stack.enter_context(ExitStack())
        try:
            url = redis.enter_context(redis_server(redis_folder))
        except ServerFailed as trouble:
            pytest.skip(str(trouble))
        house = stack.enter_context(two(tmp_path_factory.mktemp("two"), redis_url=url))
        yield WithRedis(house, redis, redis_folder)


def test_a_reader_cut_off_100_times_goes_on_in_whichever_process(by_redis: WithRedis) -> None:
    cut_off_100_times(by_redis.house)


def test_without_redis_it_goes_on_too(tmp_path: Path) -> None:
    with two(tmp_path) as house:
        cut_off_100_times(house)


def cut_off_100_times(house: Two) -> None:
    chance, pieces = random.Random(20261122), CUTS * 4 + 50
    house.engine.allowed = 0
    answer = house.begin(pieces)
    reader = house.reader(answer["id"])
    for _cut in range(CUTS):
        house.engine.allowed += 4
        reader.go_to(address_of(chance.choice([house.first, house.second])))
        reader.listen(cut_after=chance.randrange(1, 3_000), seconds=0.1)
        if chance.random() < 0.5:
            reader.catch_up(cut_after=chance.randrange(40))
        if chance.random() < 0.3:
            reader.catch_up()
    assert house.answer(answer["id"])["state"] == "writing"
    house.engine.allowed = None
    reader.go_to(address_of(house.second))
    until(lambda: reader.catch_up() != "writing", "it does not end")
    reader.catch_up()
    found = house.until_ended(answer["id"])

    texts = (reader.text, found["text"], written(pieces))
    assert len({hashlib.sha256(text.encode()).hexdigest() for text in texts}) == 1
    assert found["receipt"]["state"] == "settled"
    assert found["receipt"]["tokens_out"] == pieces
    assert found["receipt"]["charged_micro"] == PROMPT_TOKENS + pieces
    assert [len(entries) for entries in house.engine.entries.values()][-1] == 1


def test_what_one_process_writes_is_seen_in_the_other_while_it_grows(by_redis: WithRedis) -> None:
    house = by_redis.house
    house.engine.allowed = 5
    answer = house.begin(20)
    watcher = house.watch(answer["id"])
    until(lambda: "ready" in watcher.kinds, "it does not listen")
    watcher.catch_up()
    house.engine.allowed = None
    until(lambda: "turn.ended" in watcher.kinds, "its end was not heard of")
    assert "turn.text" in watcher.kinds


def test_stop_pressed_in_one_process_ends_what_the_other_writes(by_redis: WithRedis) -> None:
    house = by_redis.house
    house.engine.allowed = 5
    answer = house.begin(20)
    until(lambda: house.answer(answer["id"])["text"] == written(5), "it is not kept")
    house.stop(answer["id"])
    found = house.until_ended(answer["id"])

    assert (found["state"], found["text"]) == ("stopped", written(5))
    assert found["receipt"]["tokens_out"] == 5


def test_redis_that_goes_and_comes_again_loses_neither_text_nor_stop(by_redis: WithRedis) -> None:
    house = by_redis.house
    house.engine.allowed = 5
    told, stopped = house.begin(20), house.begin(20)
    watcher = house.watch(told["id"])
    until(lambda: "ready" in watcher.kinds, "it does not listen")
    with by_redis.gone():
        house.stop(stopped["id"])
        until(lambda: house.answer(told["id"])["text"] == written(5), "it is not kept")
        assert house.answer(stopped["id"])["state"] == "writing"
    assert house.until_ended(stopped["id"])["state"] == "stopped"
    house.engine.allowed = None
    found = house.until_ended(told["id"])
    until(lambda: "turn.ended" in watcher.kinds, "its end was not heard of")
    reader = house.reader(told["id"])
    reader.catch_up()

    assert found["text"] == reader.text == written(20)
    assert found["receipt"]["tokens_out"] == 20
