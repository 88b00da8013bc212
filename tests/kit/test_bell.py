import asyncio
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from atrium.kit import bell
from atrium.kit.bell import Ear, ring
from atrium.kit.carriers.loopback import Loopback
from atrium.kit.carriers.postgres import Postgres
from atrium.kit.carriers.protocol import Carrier
from atrium.kit.carriers.redis import Redis
from atrium.kit.carriers.silence import Silence
from atrium.kit.limits import LIMITS

pytestmark = pytest.mark.django_db(transaction=True)

ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from django.conf import settings
given = json.loads(sys.stdin.readline())
settings.configure(
    DATABASES={"default": given["database"]}, SECRET_KEY=given["key"], SECRET_KEY_FALLBACKS=[],
    DATA=Path(given["data"]), ATRIUM=SimpleNamespace(redis_url=given["redis"]), USE_TZ=True,
)
from atrium.kit.bell import ring
for line in sys.stdin:
    ring(*json.loads(line))
    print("rung", flush=True)
"""


class Heard:
    """An ear and what it heard."""

    def __init__(self, *topics: Any) -> None:
        self.queue: queue.Queue[Any] = queue.Queue()
        self.ear = Ear(topics, lambda topic, message: self.queue.put((topic, message)))

    def __enter__(self) -> Any:
        self.ear.start()
        assert self.next() == ("*", None)
        return self

    def __exit__(self, *trouble: Any) -> None:
        self.ear.stop()

    def next(self) -> Any:
        return self.queue.get(timeout=20)


@pytest.fixture(params=["engine", "loopback", "redis"])
def carrier(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Carry by what belongs to the engine, by datagrams, and by Redis where this run has one."""
    chosen: Carrier
    if request.param == "redis":
        chosen = Redis(request.getfixturevalue("redis_url"))
    elif request.param == "loopback":
        chosen = Loopback(tmp_path / "bells")
    else:
        chosen = Postgres() if connection.vendor == "postgresql" else Loopback(tmp_path / "bells")
    bell.use(chosen)
    yield chosen
    bell.hang_up()
    bell.use(None)


@pytest.fixture
def another_process(carrier: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Return a function that rings in another process."""
    by_redis = isinstance(carrier, Redis)
    by_postgres = isinstance(carrier, Postgres)
    database = {**connection.settings_dict, "ENGINE": connection.settings_dict["ENGINE"]}
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    given = {
        "database": database if by_postgres else sqlite,
        "key": settings.SECRET_KEY,
        "data": str(tmp_path),
        "redis": request.getfixturevalue("redis_url") if by_redis else "",
    }
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROCESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(bell.__file__).parents[2],
    ) as process:
        assert process.stdin
        assert process.stdout
        said, answers = process.stdin, process.stdout

        def say(what: Any) -> None:
            said.write(json.dumps(what, default=str) + "\n")
            said.flush()

        def ring_there(*what: Any) -> None:
            say(what)
            assert answers.readline() == "rung\n"

        say(given)
        yield ring_there
        said.close()


def test_a_ring_is_heard_in_the_same_process(carrier: Any) -> None:
    with Heard("jobs", "live") as heard:
        ring("jobs")
        assert heard.next() == ("jobs", None)
        ring("live", {"audience": "person:1", "text": "Привіт, \0 \ud800"})
        topic, message = heard.next()
        assert topic == "live"
        assert message["text"].startswith("Привіт, \0 ")


def test_a_ring_is_heard_in_another_process(carrier: Any, another_process: Any) -> None:
    with Heard("live") as heard:
        another_process("live", {"n": 1})
        assert heard.next() == ("live", {"n": 1})
        another_process("live", None)
        assert heard.next() == ("live", None)


def test_an_ear_hears_only_its_topics(carrier: Any) -> None:
    with Heard("jobs") as heard:
        ring("live", {"n": 1})
        ring("jobs", {"n": 2})
        assert heard.next() == ("jobs", {"n": 2})


def test_the_bell_rings_after_the_commit_and_never_after_a_rollback(carrier: Any) -> None:
    with Heard("jobs") as heard:
        with transaction.atomic():
            ring("jobs", {"change": "taken back"})
            transaction.set_rollback(True)
        with transaction.atomic():
            ring("jobs", {"change": "made"})
            thread = threading.Thread(target=ring, args=("jobs", {"change": "other"}))
            thread.start()
            thread.join()
            assert heard.next() == ("jobs", {"change": "other"})
        assert heard.next() == ("jobs", {"change": "made"})


def test_a_message_too_large_rings_without_words(carrier: Any) -> None:
    with Heard("live") as heard:
        ring("live", {"text": "ї" * LIMITS.bell_bytes})
        assert heard.next() == ("live", None)
        ring("live", {"text": "x" * (LIMITS.bell_bytes - 20)})
        assert heard.next()[1] is not None


def test_many_rings_arrive_in_the_order_they_were_rung(carrier: Any) -> None:
    with Heard("live") as heard:
        for number in range(100):
            ring("live", {"n": number})
        assert [heard.next()[1]["n"] for _ in range(100)] == list(range(100))


def test_it_may_be_rung_on_an_event_loop(carrier: Any) -> None:
    async def on_the_loop() -> None:
        ring("live", {"n": 1})

    with Heard("live") as heard:
        asyncio.run(on_the_loop())
        assert heard.next() == ("live", {"n": 1})


def test_two_ears_hear_the_same_ring(carrier: Any) -> None:
    with Heard("live") as one, Heard("live", "jobs") as two:
        ring("live", {"n": 1})
        assert one.next() == two.next() == ("live", {"n": 1})


def test_a_listener_that_fails_goes_on_hearing(
    carrier: Any, caplog: pytest.LogCaptureFixture
) -> None:
    heard: queue.Queue[str] = queue.Queue()

    def hear(topic: Any, message: Any) -> None:
        heard.put(topic)
        raise ZeroDivisionError

    ear = Ear(["jobs"], hear)
    ear.start()
    assert heard.get(timeout=20) == "*"
    ring("jobs")
    assert heard.get(timeout=20) == "jobs"
    ring("jobs")
    assert heard.get(timeout=20) == "jobs"
    ear.stop()
    assert "listener failed" in caplog.text


def _cut_the_lines(carrier: Any) -> None:
    if isinstance(carrier, Redis):
        client = redis.Redis.from_url(carrier._address)
        client.client_kill_filter(_type="pubsub")
        client.client_kill_filter(_type="normal", skipme=True)
        client.close()
    elif isinstance(carrier, Postgres):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'atrium bell' AND datname = current_database()"
            )
    else:
        for path in carrier._folder.iterdir():
            path.unlink()


def test_after_a_lost_line_the_ear_comes_back_and_says_that_it_missed_something(
    carrier: Any,
) -> None:
    with Heard("jobs") as heard:
        ring("jobs", {"n": 1})
        assert heard.next() == ("jobs", {"n": 1})
        _cut_the_lines(carrier)
        assert heard.next() == ("*", None)
        ring("jobs", {"n": 2})
        assert heard.next() == ("jobs", {"n": 2})


def test_with_no_carrier_to_be_reached_a_change_still_commits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bell.use(Redis("redis://127.0.0.1:1/0"))
    with transaction.atomic():
        ring("jobs")
    bell.hang_up()
    bell.use(None)
    assert "hints of the bell were lost" in caplog.text


def test_in_silence_nothing_is_heard_but_the_connection() -> None:
    bell.use(Silence())
    with Heard("jobs") as heard:
        ring("jobs")
        bell.use(None)
    assert heard.queue.empty()


@pytest.mark.parametrize("topic", ["", "Jobs", "a b", 'x"; DROP', "a" * 40, "*"])
def test_a_topic_is_a_short_word(topic: Any) -> None:
    with pytest.raises(ValueError, match="topic"):
        ring(topic)


def test_the_carrier_is_chosen_by_what_is_configured(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell.hang_up()
    bell._configured.cache_clear()
    settings.ATRIUM = SimpleNamespace(redis_url="")
    expected = Postgres if connection.vendor == "postgresql" else Loopback
    assert isinstance(bell._carrier(), expected)
    bell._carrier().close()
    bell._configured.cache_clear()
    settings.ATRIUM = SimpleNamespace(redis_url="redis://127.0.0.1:1/0")
    assert isinstance(bell._carrier(), Redis)
    bell._configured.cache_clear()
