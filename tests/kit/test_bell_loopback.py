import queue
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from atrium.kit import bell
from atrium.kit.bell import Ear, ring
from atrium.kit.carriers.loopback import Loopback, _remove_stale

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

A_LISTENER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    SECRET_KEY=sys.argv[2], SECRET_KEY_FALLBACKS=[], DATA=Path(sys.argv[1]),
    ATRIUM=SimpleNamespace(redis_url=""),
)
from atrium.kit.bell import Ear
Ear(["jobs"], lambda topic, message: print(topic, message, flush=True)).start()
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    bell.use(Loopback(tmp_path / "bells"))
    yield tmp_path / "bells"
    bell.hang_up()
    bell.use(None)


@pytest.fixture
def heard(folder: Any) -> Any:
    found: queue.Queue[Any] = queue.Queue()
    ear = Ear(["jobs"], lambda topic, message: found.put((topic, message)))
    ear.start()
    assert found.get(timeout=20) == ("*", None)
    yield found
    ear.stop()


def test_a_datagram_that_we_did_not_make_is_not_heard(folder: Any, heard: Any) -> None:
    port = int(next(folder.iterdir()).name.partition(".")[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for noise in (b"", b"x", b'["jobs", ""]', b"\0" * 60_000):
            stranger.sendto(noise, ("127.0.0.1", port))
    ring("jobs", {"n": 1})
    assert heard.get(timeout=20) == ("jobs", {"n": 1})


def test_words_cannot_be_read_by_who_took_a_port(folder: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.settimeout(20)
        folder.mkdir()
        (folder / f"{stranger.getsockname()[1]}.jobs").touch()
        ring("jobs", {"text": "private"})
        assert b"private" not in stranger.recv(65_535)


def test_what_a_killed_process_left_is_removed_and_what_lives_stays(
    folder: Any, heard: Any, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", A_LISTENER, str(tmp_path), settings.SECRET_KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(bell.__file__).parents[2],
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "* None\n"
        ring("jobs")
        assert other.stdout.readline() == "jobs None\n"
        assert len(list(folder.iterdir())) == 2
        _remove_stale(folder)
        assert len(list(folder.iterdir())) == 2
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert len(list(folder.iterdir())) == 2
    _remove_stale(folder)
    assert len(list(folder.iterdir())) == 1
    ring("jobs", {"n": 2})
    assert [heard.get(timeout=20), heard.get(timeout=20)] == [("jobs", None), ("jobs", {"n": 2})]


def test_an_ear_that_stops_leaves_nothing(folder: Any, heard: Any) -> None:
    one = Ear(["live"], lambda topic, message: None)
    one.start()
    assert one.wait_until_listening(20)
    one.stop()
    assert [path.name.partition(".")[2] for path in folder.iterdir()] == ["jobs"]
