import os
import select
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from atrium.kit import child
from atrium.kit.child import ChildDied, ChildLimit, ChildRefused, run
from atrium.kit.limits import LIMITS

pytestmark = pytest.mark.once
HERE = "tests.kit.naughty"
ONLY_HOLD = (
    f"import sys; from atrium.kit.child import run; run('{HERE}:hold', {{'path': sys.argv[1]}})"
)
ROOT = Path(child.__file__).parents[2]


def test_a_task_gets_json_and_gives_json_back() -> None:
    given = {"text": "Привіт \0", "list": [1, None, {"deep": True}], "long": "x" * 1_000_000}
    assert run(f"{HERE}:echo", given) == given


def test_a_task_opens_the_file_whose_path_it_gets(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Тиша.", encoding="utf-8")
    path.chmod(0o400)
    assert run(f"{HERE}:read", {"path": str(path)}) == "Тиша."


def test_a_task_tells_how_far_it_is() -> None:
    heard = []
    assert run(f"{HERE}:count", {"to": 3}, on_progress=lambda *far: heard.append(far)) == "counted"
    assert heard == [(1, 3, "counting"), (2, 3, "counting"), (3, 3, "counting")]


def test_what_the_listener_raises_ends_the_child() -> None:
    def cancel(*_far: Any) -> None:
        raise InterruptedError

    before = psutil.Process().children()
    with pytest.raises(InterruptedError):
        run(f"{HERE}:drip", {}, on_progress=cancel)
    assert psutil.Process().children() == before


def test_a_child_starts_with_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_SECRET_KEY", "x" * 40)
    found = run(f"{HERE}:surroundings", {})
    assert not [name for name in found["environment"] if name.startswith("ATRIUM")]
    assert found["django"] is False
    assert found["nice"] >= 10
    assert found["folder"] == "/"
    assert found["descriptors"] <= 6


def test_what_a_library_prints_is_no_answer() -> None:
    assert run(f"{HERE}:chatter", {}) == "quiet"


def test_threads_may_be_used_inside() -> None:
    assert run(f"{HERE}:threads", {}) == [0, 1, 2]


@pytest.mark.parametrize(
    ("task", "reason"), [("unreadable", "encrypted"), ("refused", "too_large")]
)
def test_a_refusal_of_the_task_comes_with_its_reason(task: Any, reason: Any) -> None:
    with pytest.raises(ChildRefused) as caught:
        run(f"{HERE}:{task}", {})
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("task", "which", "bounds"),
    [
        ("memory", "memory", {}),
        ("spin", "cpu", {"cpu_seconds": 1}),
        ("asleep", "wall", {"wall_seconds": 1}),
        ("flood", "answer", {}),
        ("drip", "answer", {}),
        ("liar", "answer", {}),
    ],
)
def test_a_bomb_goes_off_inside_and_says_which_bound_it_met(
    task: Any, which: Any, bounds: Any
) -> None:
    children = psutil.Process().children()
    before = psutil.Process().memory_info().rss
    with pytest.raises(ChildLimit) as caught:
        run(f"{HERE}:{task}", {}, **bounds)
    assert caught.value.which == which
    grown = psutil.Process().memory_info().rss - before
    assert grown < (100_000_000 if which == "answer" else 20_000_000)
    assert psutil.Process().children() == children


def test_a_file_may_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LIMITS", _smaller(child_file_bytes=20_000_000))
    with pytest.raises(ChildLimit) as caught:
        run(f"{HERE}:fill_disk", {"path": str(tmp_path / "large")})
    assert caught.value.which == "file"


def _smaller(**bounds: Any) -> Any:
    return replace(LIMITS, **bounds)


@pytest.mark.parametrize(
    ("task", "code"),
    [("crash", -signal.SIGSEGV), ("leave", 7), ("broken", 1), ("nonsense", 1), ("no_such_task", 1)],
)
def test_a_child_that_dies_says_how(task: Any, code: Any) -> None:
    with pytest.raises(ChildDied) as caught:
        run(f"{HERE}:{task}", {})
    assert caught.value.code == code
    if task == "broken":
        assert "ZeroDivisionError" in caught.value.words


def test_what_a_dead_child_said_can_be_written_down() -> None:
    with pytest.raises(ChildDied) as caught:
        run("tests.kit.naughty:mumble", {})

    assert "what it read:" in str(caught.value)
    assert "\0" not in str(caught.value)
    str(caught.value).encode()


def test_there_is_no_way_out_of_the_child() -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.setblocking(False)  # noqa: FBT003
        given = {"parent": os.getpid(), "port": canary.getsockname()[1]}
        assert set(run(f"{HERE}:breakout", given).values()) == {"PermissionError"}
        with pytest.raises(BlockingIOError):
            canary.accept()


def test_the_walls_are_known_to_the_doctor() -> None:
    assert child.confinement() == {"no_network": True, "no_processes": True}


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            ONLY_HOLD,
            str(note),
        ],
        cwd=ROOT,
    )
    there = None
    while there is None:
        found = psutil.Process(parent.pid).children()
        if found and note.exists() and note.read_text(encoding="utf-8"):
            there = os.pidfd_open(int(note.read_text(encoding="utf-8")))
    parent.kill()
    parent.wait()
    watch = select.poll()
    watch.register(there, select.POLLIN)
    assert watch.poll(20_000)
    os.close(there)
