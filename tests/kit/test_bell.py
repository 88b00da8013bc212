import asyncio
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from atrium.kit import bell
from atrium.kit.bell import Ear, ring
from atrium.kit.carriers.loopback import Loopback
from atrium.kit.carriers.postgres import Postgres
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

    def __init__(self, *topics):
        self.queue = queue.Queue()
        self.ear = Ear(topics, lambda topic, message: self.queue.put((topic, message)))

    def __enter__(self):
        self.ear.start()
        assert self.next() == ("*", None)
        return self

    def __exit__(self, *trouble):
        self.ear.stop()

    def next(self):
        return self.queue.get(timeout=20)


@pytest.fixture(params=["engine", "loopback", "redis"])
def carrier(request, tmp_path):
    """Carry by what belongs to the engine, by datagrams, and by Redis where this run has one."""
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
def another_process(carrier, tmp_path, request):
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

        def say(what):
            process.stdin.write(json.dumps(what, default=str) + "\n")
            process.stdin.flush()

        def ring_there(*what):
            say(what)
            assert process.stdout.readline() == "rung\n"

        say(given)
        yield ring_there
        process.stdin.close()


def test_a_ring_is_heard_in_the_same_process(carrier):
    with Heard("jobs", "live") as heard:
        ring("jobs")
        assert heard.next() == ("jobs", None)
        ring("live", {"audience": "person:1", "text": "Привіт, \0 \ud800"})
        topic, message = heard.next()
        assert topic == "live"
        assert message["text"].startswith("Привіт, \0 ")


def test_a_ring_is_heard_in_another_process(carrier, another_process):
    with Heard("live") as heard:
        another_process("live", {"n": 1})
        assert heard.next() == ("live", {"n": 1})
        another_process("live", None)
        assert heard.next() == ("live", None)


def test_an_ear_hears_only_its_topics(carrier):
    with Heard("jobs") as heard:
        ring("live", {"n": 1})
        ring("jobs", {"n": 2})
        assert heard.next() == ("jobs", {"n": 2})


def test_the_bell_rings_after_the_commit_and_never_after_a_rollback(carrier):
    with Heard("jobs") as heard:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            ring("jobs", {"change": "taken back"})
            raise ZeroDivisionError
        with transaction.atomic():
            ring("jobs", {"change": "made"})
            thread = threading.Thread(target=ring, args=("jobs", {"change": "other"}))
            thread.start()
            thread.join()
            assert heard.next() == ("jobs", {"change": "other"})
        assert heard.next() == ("jobs", {"change": "made"})


def test_a_message_too_large_rings_without_words(carrier):
    with Heard("live") as heard:
        ring("live", {"text": "ї" * LIMITS.bell_bytes})
        assert heard.next() == ("live", None)
        ring("live", {"text": "x" * (LIMITS.bell_bytes - 20)})
        assert heard.next()[1] is not None


def test_many_rings_arrive_in_the_order_they_were_rung(carrier):
    with Heard("live") as heard:
        for number in range(100):
            ring("live", {"n": number})
        assert [heard.next()[1]["n"] for _ in range(100)] == list(range(100))


def test_it_may_be_rung_on_an_event_loop(carrier):
    async def on_the_loop():
        ring("live", {"n": 1})

    with Heard("live") as heard:
        asyncio.run(on_the_loop())
        assert heard.next() == ("live", {"n": 1})


def test_two_ears_hear_the_same_ring(carrier):
    with Heard("live") as one, Heard("live", "jobs") as two:
        ring("live", {"n": 1})
        assert one.next() == two.next() == ("live", {"n": 1})


def test_a_listener_that_fails_goes_on_hearing(carrier, caplog):
    heard = queue.Queue()

    def hear(topic, message):
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


def _cut_the_lines(carrier):
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


def test_after_a_lost_line_the_ear_comes_back_and_says_that_it_missed_something(carrier):
    with Heard("jobs") as heard:
        ring("jobs", {"n": 1})
        assert heard.next() == ("jobs", {"n": 1})
        _cut_the_lines(carrier)
        assert heard.next() == ("*", None)
        ring("jobs", {"n": 2})
        assert heard.next() == ("jobs", {"n": 2})


def test_with_no_carrier_to_be_reached_a_change_still_commits(caplog):
    bell.use(Redis("redis://127.0.0.1:1/0"))
    with transaction.atomic():
        ring("jobs")
    bell.hang_up()
    bell.use(None)
    assert "hints of the bell were lost" in caplog.text


def test_in_silence_nothing_is_heard_but_the_connection():
    bell.use(Silence())
    with Heard("jobs") as heard:
        ring("jobs")
        bell.use(None)
    assert heard.queue.empty()


@pytest.mark.parametrize("topic", ["", "Jobs", "a b", 'x"; DROP', "a" * 40, "*"])
def test_a_topic_is_a_short_word(topic):
    with pytest.raises(ValueError, match="topic"):
        ring(topic)


def test_the_carrier_is_chosen_by_what_is_configured(settings, monkeypatch):
    bell._configured.cache_clear()
    settings.ATRIUM = SimpleNamespace(redis_url="")
    expected = Postgres if connection.vendor == "postgresql" else Loopback
    assert isinstance(bell._carrier(), expected)
    bell._configured.cache_clear()
    settings.ATRIUM = SimpleNamespace(redis_url="redis://127.0.0.1:1/0")
    assert isinstance(bell._carrier(), Redis)
    bell._configured.cache_clear()
