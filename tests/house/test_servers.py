"""The throwaway servers of the tests: there when asked for, gone without a trace."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.house import servers

pytestmark = pytest.mark.once


@pytest.fixture
def short_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="atr-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_postgres_is_there_and_then_gone(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "9999")
    folder = short_path / "p"
    with servers.postgres(folder) as url:
        assert "//" not in url  # pytest-xdist separates by it
        address = f"host={folder} port=5432 user=postgres dbname=postgres"
        with psycopg.connect(address) as connection:
            pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
            assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_server_that_cannot_start_says_why(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = short_path / "bin"
    broken.mkdir()
    for name in ("initdb", "postgres"):
        (broken / name).write_text("#!/bin/sh\necho 'no room on this disk'; exit 1\n")
        (broken / name).chmod(0o755)
    monkeypatch.setattr(servers, "_postgres_binaries", lambda _folder: broken)
    with (
        pytest.raises(servers.ServerFailed, match="no room on this disk"),
        servers.postgres(short_path / "p"),
    ):
        pass
