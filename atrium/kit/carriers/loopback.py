"""Hints on one machine without any service: datagrams on 127.0.0.1.

Who listens leaves a file named after its port and topics, and holds a lock on it as long as it
lives. Datagrams are encrypted, since another user of the machine may take a port left behind.
"""

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from atrium.kit.carriers.protocol import PassOn, Stop
from atrium.kit.secrets import derived

_NONCE = 12
_ROOM = 4 * 1024 * 1024
_TRUSTED_AFTER_NS = 1_000_000_000


class Loopback:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._seen = -1
        self._ears: list[tuple[int, frozenset[str]]] = []

    def send(self, topic: str, text: str) -> None:
        """Send a datagram to each process that listens for this topic."""
        ports = [port for port, topics in self._listening() if topic in topics]
        if not ports:
            return
        if self._socket is None:
            self._socket = _datagrams()
        nonce = os.urandom(_NONCE)
        body = json.dumps([topic, text]).encode()
        datagram = nonce + AESGCM(derived("bell")).encrypt(nonce, body, None)
        for port in ports:
            try:
                self._socket.sendto(datagram, ("127.0.0.1", port))
            except BlockingIOError:
                continue

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def listen(
        self,
        topics: frozenset[str],
        pass_on: PassOn,
        connected: Callable[[], None],
        stop: Stop,
    ) -> None:
        """Listen on a port of its own until told to stop."""
        with _datagrams() as ear:
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
            ear.bind(("127.0.0.1", 0))
            place = self._announce(ear.getsockname()[1], topics)
            try:
                connected()
                while not stop.is_set():
                    if stop.wait_beside(ear.fileno(), 5):
                        _drain(ear, topics, pass_on)
                    elif not stop.is_set() and not place.path.exists():
                        return  # somebody emptied the folder: begin again
            finally:
                place.close()

    def _announce(self, port: int, topics: frozenset[str]) -> "_Place":
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_stale(self._folder)
        return _Place(self._folder / f"{port}.{'+'.join(sorted(topics))}")

    def _listening(self) -> list[tuple[int, frozenset[str]]]:
        with self._lock:
            try:
                changed = self._folder.stat().st_mtime_ns
            except FileNotFoundError:
                return []
            if changed != self._seen:
                self._ears = [_read_name(path.name) for path in self._folder.glob("[0-9]*.*")]
                # Two changes within one tick of the file system's clock look like one.
                settled = time.time_ns() - changed > _TRUSTED_AFTER_NS
                self._seen = changed if settled else -1
            return self._ears


class _Place:
    """The file that says where somebody listens, locked while it is true."""

    def __init__(self, path: Path) -> None:
        self.path = path
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._descriptor = os.open(draft, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        # Named only when locked, so that nobody takes it for one left behind.
        draft.rename(path)

    def close(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


def _remove_stale(folder: Path) -> None:
    for path in folder.glob("[0-9]*.*"):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)


def _drain(ear: socket.socket, topics: frozenset[str], pass_on: PassOn) -> None:
    while True:
        try:
            datagram = ear.recv(65_535)
        except BlockingIOError:
            return
        try:
            body = AESGCM(derived("bell")).decrypt(datagram[:_NONCE], datagram[_NONCE:], None)
            topic, text = json.loads(body)
        except (InvalidTag, ValueError):
            continue
        if topic in topics:
            pass_on(topic, text)


def _read_name(name: str) -> tuple[int, frozenset[str]]:
    port, _dot, topics = name.partition(".")
    return int(port), frozenset(topics.split("+"))


def _datagrams() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setblocking(False)  # noqa: FBT003
    return one
