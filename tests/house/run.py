"""Runs the whole suite on both engines at once: ``bin/test``."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.house import second_try
from tests.house.servers import ServerFailed, postgres, redis_server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/test", add_help=False, allow_abbrev=False)
    parser.add_argument("--db", choices=["sqlite", "pg", "both"], default="both")
    asked, for_pytest = parser.parse_known_args(arguments)
    signal.signal(signal.SIGTERM, _as_interrupt)
    signal.signal(signal.SIGHUP, _as_interrupt)
    # A short path: a socket's may have no more than about a hundred bytes.
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="atr-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        try:
            surroundings = _surroundings(stack, folder, db=asked.db)
        except ServerFailed as trouble:
            say(f"bin/test cannot run: {trouble}")
            return 3
        _find_chromium()
        surroundings |= second_try.asked_for(folder)

        def run(arguments: Sequence[str]) -> int:
            return _pytest(arguments, folder=folder, db=asked.db, surroundings=surroundings)

        return _with_second_try(run, for_pytest, folder)


def _with_second_try(
    run: Callable[[Sequence[str]], int], arguments: Sequence[str], folder: Path
) -> int:
    status = run(arguments)
    again = second_try.journeys_to_try_again(folder) if status == 1 else []
    if not again:
        return status
    say(f"Journeys that failed are run once more by themselves: {' '.join(again)}")
    status = run(["-q", *again])
    if status == 0:
        say(f"PASSED AT THE SECOND TRY ONLY, which deserves a look: {' '.join(again)}")
    return status


def _compile_catalogues(environment: dict[str, str]) -> None:
    """A fresh clone has the catalogues' sources only, and tests ask for other languages."""
    compiling = [sys.executable, "-m", "atrium", "translations", "compile"]
    subprocess.run(compiling, env=environment, check=True, stdout=subprocess.DEVNULL)


def _surroundings(stack: ExitStack, folder: Path, *, db: str) -> dict[str, str]:
    found = {"ATRIUM_TEST_SCRATCH": str(folder)}
    if db != "sqlite":
        found["ATRIUM_TEST_POSTGRES"] = stack.enter_context(postgres(folder / "p"))
    try:
        found["ATRIUM_TEST_REDIS"] = stack.enter_context(redis_server(folder / "r"))
    except ServerFailed as trouble:
        say(f"SKIPPING what needs Redis: {trouble}")
    return found


def _pytest(
    arguments: Sequence[str], *, folder: Path, db: str, surroundings: dict[str, str]
) -> int:
    command = [sys.executable, "-m", "pytest"]
    environment = {**os.environ, **surroundings}
    _compile_catalogues({**environment, "ATRIUM_DATA": str(folder / "controller")})
    engines = ["sqlite", "pg"] if db == "both" else [db]
    environment["ATRIUM_TEST_ENGINES"] = " ".join(engines)
    each = {name: _engine(name, folder, surroundings) for name in engines}
    if db == "both":
        command += ["--dist=each"]
        for values in each.values():
            command += ["--tx=popen//" + "//".join(f"env:{k}={v}" for k, v in values.items())]
        environment["ATRIUM_DATA"] = str(folder / "controller")
    else:
        environment |= each[db]
    child = subprocess.Popen([*command, *arguments], env=environment)
    while True:
        try:
            status = child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGINT)  # it may have come to us alone
        else:
            return status if status >= 0 else 128 - status


def _engine(name: str, folder: Path, surroundings: dict[str, str]) -> dict[str, str]:
    data = folder / name
    data.mkdir(exist_ok=True)
    url = surroundings["ATRIUM_TEST_POSTGRES"] if name == "pg" else ""
    return {"ATRIUM_TEST_ENGINE": name, "ATRIUM_DATA": str(data), "ATRIUM_DATABASE_URL": url}


def _find_chromium() -> None:
    """Install Chromium where we may, and say so loudly where there is none."""
    if any(shutil.which(name) for name in CHROMIUM_NAMES):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Chromium for the browser tests (apt-get).")
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update"], install):
            try:
                subprocess.run(command, check=True, timeout=300, capture_output=True)
            except (subprocess.SubprocessError, OSError):
                break
        else:
            return
    say("SKIPPING THE BROWSER TESTS: there is no Chromium here, and it could not be installed.")


def _as_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
