"""A journey that failed once is tried again by itself; nothing else is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from atrium.environment import CHECKOUT
from tests.house.run import _with_second_try
from tests.house.second_try import MOST, asked_for, journeys_to_try_again

pytestmark = pytest.mark.once

TESTS = """
import pytest
from pathlib import Path

@pytest.mark.browser
def test_slow_once():
    seen = Path("seen")
    was_there = seen.exists()
    seen.touch()
    assert was_there

@pytest.mark.browser
def test_that_works():
    pass

@pytest.mark.browser
@pytest.mark.parametrize("number", range({broken}))
def test_broken(number):
    assert False

def test_of_a_rule():
    assert {rule}
"""


def run(folder: Path, *, broken: int = 0, rule: bool = True) -> tuple[int, list[list[str]]]:
    """Run those tests as ``bin/test`` does; return how it ended and what was run each time."""
    (folder / "test_journeys.py").write_text(TESTS.format(broken=broken, rule=rule))
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  browser\n")
    runs: list[list[str]] = []

    def once(arguments: object) -> int:
        runs.append(list(arguments))  # type: ignore[call-overload]
        command = [sys.executable, "-m", "pytest", "-p", "tests.house.second_try", "-p", "xdist"]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider", "-n1", *runs[-1]],
            cwd=folder,
            env={
                **{name: said for name, said in os.environ.items() if "PYTEST" not in name},
                **asked_for(folder),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "PYTHONPATH": str(CHECKOUT),
            },
            capture_output=True,
            check=False,
        )
        return done.returncode

    return _with_second_try(once, [], folder), runs


def test_a_journey_that_failed_is_run_again_alone(tmp_path: Path) -> None:
    assert run(tmp_path) == (0, [[], ["-q", "test_journeys.py::test_slow_once"]])


def test_one_that_fails_again_has_failed(tmp_path: Path) -> None:
    status, runs = run(tmp_path, broken=1)
    assert (status, len(runs)) == (1, 2)
    assert journeys_to_try_again(tmp_path) == ["test_journeys.py::test_broken[0]"]


def test_many_are_no_matter_of_pace(tmp_path: Path) -> None:
    assert run(tmp_path, broken=MOST) == (1, [[]])


def test_nothing_else_gets_a_second_try(tmp_path: Path) -> None:
    assert run(tmp_path, rule=False) == (1, [[]])


def test_what_was_cut_short_is_not_tried_again(tmp_path: Path) -> None:
    assert journeys_to_try_again(tmp_path) == []
