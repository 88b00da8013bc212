"""Both engines run what an engine is in; what no engine is in is shared between their workers."""

import os
from collections import Counter
from typing import Any
from zlib import crc32

import pytest

SHARED = ("once", "browser")
"""The marks of tests that prove the same on either engine, and so run on one of them."""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Watch(), "shares-watch")


@pytest.hookimpl(trylast=True)  # after -k and -m have had their say
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave shared tests of others to others; everywhere, browsers come last."""
    # Playwright keeps a loop running in this thread, in which asyncio.run() would refuse to start.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    shared = [item for item in items if any(map(item.get_closest_marker, SHARED))]
    if hasattr(config, "workeroutput"):
        config.workeroutput["shared"] = [item.nodeid for item in shared]
    others = {item for item in shared if not is_ours(item.nodeid)}
    if others:
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


def is_ours(name: str) -> bool:
    """Say whether it is for this engine's worker to do what has that name, by its checksum."""
    all_of_them = engines()
    if len(all_of_them) < 2:
        return True
    mine = os.environ["ATRIUM_TEST_ENGINE"]
    return all_of_them[crc32(name.encode()) % len(all_of_them)] == mine


def engines() -> list[str]:
    """Return the engines whose workers run side by side; none where there is one process alone."""
    return os.environ.get("ATRIUM_TEST_ENGINES", "").split()


class Watch:
    """Sees from above that each shared test ran, and ran once; one that did not is an error."""

    def __init__(self) -> None:
        self.expected: set[str] = set()
        self.ran: Counter[str] = Counter()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        self.expected.update(getattr(node, "workeroutput", {}).get("shared", ()))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup":
            self.ran[report.nodeid] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.ran:
            session.exitstatus = pytest.ExitCode.OK  # one engine's worker alone had nothing to do
        if session.exitstatus != pytest.ExitCode.OK:
            return  # it was cut short, or has failed already
        for nodeid in sorted(self.expected):
            times = self.ran[nodeid]
            if times != 1:
                said = f"ran {times} times on all engines together, and not once"
                _complain(session, nodeid, said)
                session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _complain(session: pytest.Session, nodeid: str, said: str) -> None:
    place = (nodeid.partition("::")[0], 0, nodeid)
    report = pytest.TestReport(nodeid, place, {}, "failed", said, "setup")
    session.config.hook.pytest_runtest_logreport(report=report)
