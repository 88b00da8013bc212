"""What no engine is in runs on one of them, and none of it runs nowhere."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from atrium.environment import CHECKOUT
from tests.house.shares import Watch, is_ours

pytestmark = pytest.mark.once

TESTS = """
import pytest

@pytest.mark.once
@pytest.mark.parametrize("number", range(12))
def test_of_no_engine(number):
    pass

def test_of_an_engine():
    pass
"""


def run(folder: Path, *, engines: str, workers: tuple[str, ...], only: str = "") -> tuple[int, str]:
    """Run those tests with a worker for each of ``workers``, told that there are ``engines``."""
    (folder / "test_of_shares.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  once\n  browser\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.house.shares", "--dist=each"]
    command += ["-p", "no:cacheprovider", "-p", "xdist"]
    command += [f"--tx=popen//env:ATRIUM_TEST_ENGINE={name}" for name in workers]
    command += [only] if only else []
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "ATRIUM_TEST_ENGINES": engines,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # they take their time, and are not in it
        "PYTHONPATH": str(CHECKOUT),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_both_engines_share_what_no_engine_is_in(tmp_path: Path) -> None:
    status, said = run(tmp_path, engines="sqlite pg", workers=("sqlite", "pg"))

    assert status == 0, said
    assert "14 passed" in said.splitlines()[-1]


def test_one_by_itself_runs_on_one_engine_and_the_other_has_nothing(tmp_path: Path) -> None:
    only = "test_of_shares.py::test_of_no_engine[3]"
    status, said = run(tmp_path, engines="sqlite pg", workers=("sqlite", "pg"), only=only)

    assert status == 0, said
    assert "1 passed" in said.splitlines()[-1]


def test_a_worker_that_had_nothing_and_came_last_fails_nobody() -> None:
    """Planted and caught: pytest counts the tests of whoever told of its own last."""
    for ran, ends in ((1, pytest.ExitCode.OK), (0, pytest.ExitCode.NO_TESTS_COLLECTED)):
        watch, session = Watch(), SimpleNamespace(exitstatus=pytest.ExitCode.NO_TESTS_COLLECTED)
        watch.ran.update({"a journey": ran} if ran else {})
        watch.pytest_sessionfinish(cast(pytest.Session, session))
        assert session.exitstatus == ends


def test_where_there_is_no_test_at_all_nothing_has_passed(tmp_path: Path) -> None:
    status, _said = run(tmp_path, engines="sqlite pg", workers=("sqlite", "pg"), only="-knothing")
    assert status == pytest.ExitCode.NO_TESTS_COLLECTED


def test_one_engine_alone_runs_all_of_it(tmp_path: Path) -> None:
    status, said = run(tmp_path, engines="pg", workers=("pg",))

    assert status == 0, said
    assert "13 passed" in said.splitlines()[-1]


def test_what_ran_nowhere_is_an_error(tmp_path: Path) -> None:
    status, said = run(tmp_path, engines="sqlite pg other", workers=("sqlite", "pg"))

    missing = set(re.findall(r"^ERROR (\S+number\S+|\S+\[\d+\])", said, re.MULTILINE))
    assert status == 1
    assert 0 < len(missing) < 12
    assert f"{14 - len(missing)} passed, {len(missing)} errors" in said.splitlines()[-1]


def test_what_ran_twice_is_an_error(tmp_path: Path) -> None:
    status, said = run(tmp_path, engines="sqlite pg", workers=("sqlite", "sqlite"))

    assert status == 1
    assert "ran 2 times" in said
    assert "ran 0 times" in said


def test_whatever_has_a_name_is_for_one_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_TEST_ENGINES", "sqlite pg")
    for number in range(200):
        said = []
        for engine in ("sqlite", "pg"):
            monkeypatch.setenv("ATRIUM_TEST_ENGINE", engine)
            said.append(is_ours(f"name {number}"))
        assert sum(said) == 1
    monkeypatch.delenv("ATRIUM_TEST_ENGINES")
    assert is_ours("anything")
