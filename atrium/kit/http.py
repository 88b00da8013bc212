"""The one way to fetch an address, through one of two doors."""

import asyncio
import enum
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.db import connection
from django.utils.translation import gettext as _
from yarl import URL

from atrium.kit.addresses import is_public
from atrium.kit.errors import Refusal
from atrium.kit.limits import LIMITS

Resolve = Callable[[str, int], Awaitable[list[str]]]
_AddrInfo = tuple[Any, Any, int, str, tuple[Any, ...]]

_PUBLIC_PORTS = {80, 443}
_names = ThreadPoolExecutor(max_workers=8, thread_name_prefix="names")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


class Door(enum.Enum):
    OPERATOR = "operator"
    """An address that the operator gave: it may be private, and is asked as it stands."""
    PUBLIC = "public"
    """An address that a person can influence: public, port 80 or 443, and nothing behind it."""


class FetchRefused(Refusal):
    """The address is one we do not go to."""

    code = "address_refused"


class FetchFailed(Exception):
    """The other side was not there, was too slow, or sent too much; ``why`` is a short code."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes
    url: str


async def fetch(
    url: str,
    *,
    door: Door,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    max_bytes: int = LIMITS.fetch_bytes,
    seconds: float = LIMITS.fetch_seconds,
) -> Answer:
    """Return the answer of this address, whatever its status; a redirect is not followed.

    :raises FetchRefused: when it is no address for this door
    :raises FetchFailed: when there is trouble on the way
    """
    assert_no_transaction()
    if method not in _METHODS:
        raise ValueError(f"There is no method {method!r} here.")
    target = checked_url(url, door=door)
    try:
        async with asyncio.timeout(seconds):
            addresses = await _addresses(target, door)
            async with _session(addresses, door) as session:
                return await _ask(session, target, method, dict(headers or {}), body, max_bytes)
    except TimeoutError:
        raise FetchFailed("timeout") from None
    except (aiohttp.ClientError, OSError, ValueError) as trouble:
        raise FetchFailed("line", type(trouble).__name__) from trouble


def fetch_now(
    url: str,
    *,
    door: Door,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    max_bytes: int = LIMITS.fetch_bytes,
    seconds: float = LIMITS.fetch_seconds,
) -> Answer:
    """Return what :func:`fetch` does, for callers that stand on no event loop."""
    assert_no_transaction()
    return asyncio.run(
        fetch(
            url,
            door=door,
            method=method,
            headers=headers,
            body=body,
            max_bytes=max_bytes,
            seconds=seconds,
        )
    )


def assert_no_transaction() -> None:
    """Fail where a transaction is open: a lock held over a network call stops everybody.

    As with ``atomic(durable=True)``, the transaction that a test case runs in does not count.
    """
    blocks = connection.atomic_blocks
    if blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise RuntimeError("No network call inside a transaction.")


def checked_url(url: str, *, door: Door) -> URL:
    """Return the address taken apart.

    :raises FetchRefused: for what is no plain http(s) address, or has a port that is not public
    """
    if any(ord(mark) <= 32 or mark in "\\\x7f" for mark in url):
        raise _refused()
    try:
        parts = urlsplit(url)
        target = URL(url)
        port = target.port or 0
        host = target.raw_host
    except (ValueError, UnicodeError):
        raise _refused() from None
    if parts.scheme not in {"http", "https"} or not host or "%" in host or "@" in parts.netloc:
        raise _refused()
    if door is Door.PUBLIC and _is_odd_number(host):
        raise _refused()
    if door is Door.PUBLIC and port not in _PUBLIC_PORTS:
        raise FetchRefused(_("Only the ports 80 and 443 may be used in this address."))
    return target


async def leads_outside(url: str) -> bool:
    """Tell whether all addresses of this host are public ones, as far as they are known here."""
    try:
        target = checked_url(url, door=Door.OPERATOR)
        async with asyncio.timeout(LIMITS.fetch_seconds):
            found = await _addresses(target, Door.OPERATOR)
    except (FetchRefused, FetchFailed, TimeoutError):
        return False
    return all(is_public(address) for address in found)


def _is_odd_number(host: str) -> bool:
    """Tell whether this is an IPv4 address in a spelling that readers understand differently."""
    last = host.rstrip(".").rpartition(".")[2]
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last, re.IGNORECASE):
        return False
    try:
        return str(ip_address(host)) != host
    except ValueError:
        return True


def use(resolve: Resolve | None) -> None:
    """Look names up with ``resolve`` (a test's own), or as the system does when it is None."""
    global _resolve  # noqa: PLW0603
    _resolve = resolve or _look_up


async def _look_up(host: str, port: int) -> list[str]:
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    # Not the loop's own threads: closing a loop waits for those, however slow the name is.
    found = await asyncio.get_running_loop().run_in_executor(_names, ask)
    return [str(address[0]) for *_kind, address in found]


_resolve: Resolve = _look_up


def _refused() -> FetchRefused:
    return FetchRefused(_("This is not a public web address."))


async def _addresses(target: URL, door: Door) -> list[str]:
    try:
        found = await _resolve(target.raw_host or "", target.port or 0)
    except (OSError, UnicodeError):
        raise FetchFailed("name") from None
    if not found:
        raise FetchFailed("name")
    # One private address among public ones is a trap, not a spare.
    if door is Door.PUBLIC and not all(is_public(address) for address in found):
        raise _refused()
    return list(dict.fromkeys(found))


class _Checked(AbstractResolver):
    """Knows one name: the one that was looked up and checked, with the addresses it had then."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        pass


def _session(addresses: list[str], door: Door) -> aiohttp.ClientSession:
    def open_socket(found: _AddrInfo) -> socket.socket:
        family, kind, protocol, _name, where = found
        # The last word, where no spelling of a host can matter any more.
        if door is Door.PUBLIC and not is_public(str(where[0])):
            raise _refused()
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=_Checked(addresses),
        use_dns_cache=False,
        force_close=True,
        socket_factory=open_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        # Unpacked sizes are not bounded by the bytes received: nothing packed is asked for or read.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "Atrium"},
    )


async def _ask(
    session: aiohttp.ClientSession,
    target: URL,
    method: str,
    headers: dict[str, str],
    body: bytes | None,
    max_bytes: int,
) -> Answer:
    asked = session.request(method, target, headers=headers, data=body, allow_redirects=False)
    async with asked as answer:
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise FetchFailed("packed")
        if (answer.content_length or 0) > max_bytes and method != "HEAD":
            raise FetchFailed("too_large")
        received = bytearray()
        async for piece in answer.content.iter_any():
            received += piece
            if len(received) > max_bytes:
                raise FetchFailed("too_large")
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, told, bytes(received), str(answer.url))
