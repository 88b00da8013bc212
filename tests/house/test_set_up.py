"""``bin/set-up``: what is cut off is begun afresh, what failed is not taken for done."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from atrium.environment import CHECKOUT

pytestmark = pytest.mark.once
NOT_THERE = f"no-such-package-of-anyone==1.0 --hash=sha256:{'0' * 64}\n"


class Checkout:
    """A checkout that pins nothing, in a folder with a space, so that no network is needed."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a check out"
        (self.root / "bin").mkdir(parents=True)
        for name in ("set-up", "set_up.py"):
            shutil.copy(CHECKOUT / "bin" / name, self.root / "bin" / name)
        self.pin("")

    def pin(self, text: str) -> None:
        (self.root / "requirements.lock").write_text(text)

    def set_up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        around = environment or self.surroundings
        return subprocess.run(self.command, env=around, capture_output=True, text=True, check=False)

    def begin(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command, env=self.surroundings, text=True, stderr=subprocess.PIPE
        )

    @property
    def command(self) -> list[str]:
        return ["/bin/sh", str(self.root / "bin" / "set-up")]

    @property
    def surroundings(self) -> dict[str, str]:
        near = str(Path(sys.base_prefix) / "bin")
        return {"PATH": f"{near}:/usr/bin:/bin", "PIP_NO_INDEX": "1", "HOME": str(self.root)}

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / "requirements.stamp"

    @property
    def half_way(self) -> Path:
        return self.root / ".venv" / "half-way"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that was set up; each test leaves it so."""
    made = Checkout(tmp_path_factory.mktemp("ready"))
    first = made.set_up()
    assert (first.returncode, made.stamp.exists()) == (0, True), first.stderr
    return made


def test_the_second_time_there_is_nothing_to_do(ready: Checkout) -> None:
    second = ready.set_up()
    assert (second.returncode, second.stderr) == (0, "")


def test_a_failed_install_leaves_no_stamp_and_keeps_what_stood(ready: Checkout) -> None:
    kept = ready.root / ".venv" / "kept"
    kept.touch()
    ready.pin(NOT_THERE)
    failed = ready.set_up()
    assert failed.returncode == 1
    assert "could not be installed" in failed.stderr
    assert not ready.stamp.exists()
    ready.pin("")
    assert ready.set_up().returncode == 0
    assert kept.exists()
    assert ready.stamp.exists()


def test_what_was_cut_off_is_begun_afresh(ready: Checkout) -> None:
    torn = ready.root / ".venv" / "torn"
    torn.touch()
    ready.half_way.touch()  # as a kill in the middle leaves it
    again = ready.set_up()
    assert again.returncode == 0, again.stderr
    assert "cut off" in again.stderr
    assert not torn.exists()
    assert not ready.half_way.exists()


def test_two_at_once_both_end_well(checkout: Checkout) -> None:
    both = [checkout.begin() for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert checkout.stamp.exists()
    assert sum("Making .venv" in each for each in said) == 1


def test_without_a_fitting_python_it_says_what_is_needed(checkout: Checkout) -> None:
    empty = checkout.root / "empty"
    empty.mkdir()
    (empty / "dirname").symlink_to(shutil.which("dirname") or "")
    told = checkout.set_up(PATH=str(empty))
    assert told.returncode == 1
    assert "needs Python 3.11" in told.stderr
