"""Makes ``.venv`` what the locks say, once; afterwards it only looks at a stamp.

Standard library only. One at a time: a second one waits for the first. One that was killed half-way
leaves a mark, and the next begins afresh; a failed install leaves no stamp.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
HALF_WAY = VENV / "half-way"


def main(arguments: list[str]) -> int:
    locks = ["requirements-test.lock"] if "--tests" in arguments else ["requirements.lock"]
    try:
        with only_one_at_a_time():
            make_environment()
            for lock in locks:
                install(CHECKOUT / lock)
            point_at_checkout()
    except SetUpFailed as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    except PermissionError as trouble:
        sys.stderr.write(f"{trouble.filename} cannot be written by this user.\n")
        return 1
    return 0


class SetUpFailed(Exception):
    pass


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    folder = os.open(CHECKOUT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is running here; waiting for it.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def make_environment() -> None:
    if HALF_WAY.exists():
        say("The last set-up was cut off; beginning afresh.")
    elif works(PYTHON):
        return
    python = interpreter_outside()
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    HALF_WAY.touch()
    say(f"Making .venv with Python {sys.version.split()[0]}.")
    if can_make_venvs(python):
        command = [python, "-m", "venv", str(VENV)]
    else:
        command = ["uv", "venv", "--quiet", "--allow-existing", "--python", python, str(VENV)]
    if run(command):
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetUpFailed("The virtual environment could not be made.")


def interpreter_outside() -> str:
    """Return the Python that .venv is made from, which may be running this from inside of it."""
    if Path(sys.prefix) == VENV:
        return os.path.realpath(sys.executable)
    return sys.executable


def works(python: Path) -> bool:
    return python.exists() and not run([str(python), "-c", ""], quiet=True)


def can_make_venvs(python: str) -> bool:
    return not run([python, "-c", "import venv, ensurepip"], quiet=True)


def install(lock: Path) -> None:
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"{lock.stem}.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    HALF_WAY.touch()
    stamp.unlink(missing_ok=True)
    say(f"Installing what {lock.name} pins. This is done once and may take a minute.")
    failed = install_with_uv(lock) if shutil.which("uv") else True
    if failed and has_pip():
        failed = install_with_pip(lock)
    HALF_WAY.unlink()  # whoever installs puts back what it could not finish
    if failed:
        raise SetUpFailed(f"{lock.name} could not be installed. Run this again once it can be.")
    draft = stamp.with_suffix(".draft")
    draft.write_text(wanted)
    draft.replace(stamp)


def install_with_uv(lock: Path) -> bool:
    options = ["--quiet", "--require-hashes", "--no-deps", "--python", str(PYTHON)]
    return run(["uv", "pip", "install", *options, "-r", str(lock)])


def install_with_pip(lock: Path) -> bool:
    options = ["-qq", "--require-hashes", "--no-deps", "--no-input"]
    options += ["--disable-pip-version-check"]
    if os.geteuid() == 0:
        options += ["--root-user-action=ignore"]
    return run([str(PYTHON), "-m", "pip", "install", *options, "-r", str(lock)])


def has_pip() -> bool:
    return not run([str(PYTHON), "-c", "import pip"], quiet=True) or not run(
        [str(PYTHON), "-m", "ensurepip"], quiet=True
    )


def point_at_checkout() -> None:
    """Let ``python -m atrium`` work from any folder, also after the checkout was moved."""
    for site in VENV.glob("lib/python3.*/site-packages"):
        pointer = site / "atrium.pth"
        if not pointer.exists() or pointer.read_text() != f"{CHECKOUT}\n":
            pointer.write_text(f"{CHECKOUT}\n")


def run(command: list[str], *, quiet: bool = False) -> bool:
    """Run ``command`` and return whether it failed."""
    hush = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, stdout=hush, stderr=hush, check=False).returncode != 0


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
