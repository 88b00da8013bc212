"""A journey in the browser that failed is run once more by itself, and told of aloud.

What a browser does in time depends on what else the machine does meanwhile: two suites at once, a
slow neighbour. Nothing else gets a second try: a race that goes wrong once is wrong.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

MOST = 3
"""More than these are no matter of the machine's pace."""
_FILE = "ATRIUM_TEST_FAILED"


def pytest_configure(config: pytest.Config) -> None:
    if _FILE in os.environ and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Failures(Path(os.environ[_FILE])), "second-try")


class _Failures:
    """Writes down which tests failed, and which of them are journeys."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            is_journey = "browser" in report.keywords
            self._found[report.nodeid] = self._found.get(report.nodeid, True) and is_journey

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps(self._found))


def asked_for(folder: Path) -> dict[str, str]:
    """Return what to add to the surroundings of a run so that its failures can be read after it."""
    return {_FILE: str(folder / "failed.json")}


def journeys_to_try_again(folder: Path) -> Sequence[str]:
    """Return the journeys that failed; none when something else failed too, or too many did."""
    try:
        found: dict[str, bool] = json.loads((folder / "failed.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    return sorted(found) if all(found.values()) and len(found) <= MOST else []
