"""Long answers from addresses that the operator gave, piece by piece, over lines that stay open.

``kit.http`` fetches a whole answer and opens a line for each; an engine answers for minutes, and is
asked again at once.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BufferedReader
from pathlib import Path
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from atrium.kit.http import Door, FetchFailed, assert_no_transaction, checked_url
from atrium.kit.limits import LIMITS

_sessions: "WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]" = (
    WeakKeyDictionary()
)


# Nobody took the question; the last: a line that was kept open, and closed as it was used again.
_NOBODY = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerDisconnectedError,
)


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer whose head has come."""

    status: int
    headers: Mapping[str, str]
    """Names in small letters."""
    _answer: aiohttp.ClientResponse
    _until: float  # the whole of it, by the clock of the loop

    async def pieces(self, *, most: int = LIMITS.engine_answer_bytes) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        :raises FetchFailed: when it stops coming, breaks off, or has more than ``most`` bytes; at
            once, when its head says so
        """
        if (self._answer.content_length or 0) > most:
            raise FetchFailed("too_large")
        received = 0
        content = self._answer.content
        loop = asyncio.get_running_loop()
        try:
            while True:
                async with asyncio.timeout_at(
                    min(self._until, loop.time() + LIMITS.engine_idle_seconds)
                ):
                    piece = await content.readany()
                if not piece:
                    return
                received += len(piece)
                if received > most:
                    raise FetchFailed("too_large")
                yield piece
        except TimeoutError:
            raise FetchFailed("timeout") from None
        except (aiohttp.ClientError, OSError, ValueError) as trouble:
            raise FetchFailed("line", type(trouble).__name__) from trouble

    async def whole(self, *, most: int = LIMITS.fetch_bytes) -> bytes:
        """Return the body.

        :raises FetchFailed: as :meth:`pieces`, or when it has more than ``most`` bytes
        """
        gathered = bytearray()
        async for piece in self.pieces(most=most):
            gathered += piece
        return bytes(gathered)


@asynccontextmanager
async def asked(
    url: str,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    body: bytes | Path | None = None,
    seconds: float = LIMITS.engine_first_seconds,
) -> AsyncIterator[Answering]:
    """Ask, and give the answer once its head has come; leaving closes the line if more is to come.

    A ``body`` that is a path is sent from the disk.

    :raises FetchRefused: when it is no address at all
    :raises FetchFailed: when no head came within ``seconds``; ``nobody`` when none took it at all
    """
    assert_no_transaction()
    target = _operators(url)
    until = asyncio.get_running_loop().time() + LIMITS.engine_seconds
    data = body.open("rb") if isinstance(body, Path) else body
    try:
        async with asyncio.timeout(seconds):
            answer = await _session().request(
                method, target, headers=dict(headers or {}), data=data, allow_redirects=False
            )
    except _NOBODY as trouble:
        raise FetchFailed("nobody", type(trouble).__name__) from trouble
    except TimeoutError:
        raise FetchFailed("timeout") from None
    except (aiohttp.ClientError, OSError, ValueError) as trouble:
        raise FetchFailed("line", type(trouble).__name__) from trouble
    finally:
        if isinstance(data, BufferedReader):
            data.close()
    try:
        told = {name.lower(): value for name, value in answer.headers.items()}
        yield Answering(answer.status, told, answer, until)
    finally:
        answer.close()  # at once: what the caller left must not go on being written


@lru_cache(maxsize=256)
def _operators(url: str) -> URL:
    return checked_url(url, door=Door.OPERATOR)


async def close() -> None:
    """Close the lines of this event loop."""
    session = _sessions.pop(asyncio.get_running_loop(), None)
    if session:
        await session.close()


def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None or session.closed:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=LIMITS.engine_connect_seconds),
            trust_env=False,
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "Atrium"},
            read_bufsize=LIMITS.engine_line_bytes,
        )
        _sessions[loop] = session
    return session
