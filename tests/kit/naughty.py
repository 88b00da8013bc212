"""Tasks for the child process: well behaved ones, and bombs."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from atrium.kit import child_main
from atrium.kit.child_main import Unreadable, progress
from atrium.kit.errors import TooLarge


def echo(argument: Any) -> Any:
    return argument


def read(argument: Any) -> Any:
    return Path(argument["path"]).read_text(encoding="utf-8")


def count(argument: Any) -> Any:
    for number in range(argument["to"]):
        progress(number + 1, argument["to"], "counting")
    return "counted"


def surroundings(_argument: Any) -> Any:
    return {
        "environment": sorted(os.environ),
        "django": "django" in sys.modules,
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "folder": str(Path.cwd()),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
    }


def chatter(_argument: Any) -> Any:
    print("\x00\x00\x00\x05hello" * 50_000)  # noqa: T201
    sys.stderr.write("x" * 1_000_000)
    return "quiet"


def unreadable(_argument: Any) -> None:
    raise Unreadable("encrypted")


def refused(_argument: Any) -> None:
    raise TooLarge("It is too large.")


def broken(_argument: Any) -> None:
    raise ZeroDivisionError


def memory(_argument: Any) -> None:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def spin(_argument: Any) -> None:
    while True:
        pass


def asleep(_argument: Any) -> None:
    # The way of a task that hangs: nothing is spent but time.
    threading.Event().wait()


def flood(_argument: Any) -> Any:
    return "x" * 80_000_000


def drip(_argument: Any) -> None:
    while True:
        progress(1, 2, "x" * 1_000_000)


def liar(_argument: Any) -> None:
    os.write(child_main._say_to, b"\xff\xff\xff\xff")
    threading.Event().wait()


def nonsense(_argument: Any) -> None:
    os.write(child_main._say_to, b"\x00\x00\x00\x02[]")
    threading.Event().wait()


def crash(_argument: Any) -> None:
    ctypes.string_at(0)


def leave(_argument: Any) -> None:
    os._exit(7)


def fill_disk(argument: Any) -> None:
    with Path(argument["path"]).open("wb") as file:
        while True:
            file.write(b"\0" * 10_000_000)


def threads(_argument: Any) -> Any:
    found: list[int] = []
    several = [threading.Thread(target=found.append, args=(number,)) for number in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    return sorted(found)


def breakout(argument: Any) -> Any:
    """Try each way out and return what happened."""
    ways = {
        "fork": os.fork,
        "program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        "replaced": lambda: os.execv("/bin/true", ["true"]),
        "parent killed": lambda: os.kill(argument["parent"], signal.SIGTERM),
        "all killed": lambda: os.kill(-1, signal.SIGTERM),
        "connected": lambda: socket.create_connection(("127.0.0.1", argument["port"]), 5),
        "connected by 6": lambda: socket.create_connection(("::1", argument["port"]), 5),
        "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "local": lambda: socket.socket(socket.AF_UNIX),
        "traced": lambda: _traced(argument["parent"]),
    }
    return {name: _tried(way) for name, way in ways.items()}


def _tried(way: Any) -> Any:
    try:
        way()
    except OSError as refusal:
        return type(refusal).__name__
    return "done"


def _traced(parent: Any) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(16, parent, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def hold(argument: Any) -> None:
    Path(argument["path"]).write_text(str(os.getpid()), encoding="utf-8")
    while True:
        time.sleep(60)


def mumble(_argument: Any) -> Any:
    raise RuntimeError("what it read: \0 and \ud800")
