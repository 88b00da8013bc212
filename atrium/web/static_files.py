"""Our static files: hashed names, compressed beforehand, kept by browsers for ever, digests."""

import asyncio
import base64
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.exceptions import SuspiciousFileOperation

from atrium.web.headers import secure_headers

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

COMPRESSED = frozenset({".css", ".js", ".svg", ".json", ".webmanifest", ".txt", ".map"})


class HashedFiles(ManifestStaticFilesStorage):
    """Names with a digest inside; what was never collected keeps its own name."""

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        # Asked for every address on every page; never falls back to hashing by reading.
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))

    def url_converter(self, name: str, *args: Any, **options: Any) -> Any:
        # What a package brings may name what it does not bring; only our own addresses are turned.
        if name.startswith("django_htmx/"):
            return lambda found: found[0]
        return super().url_converter(name, *args, **options)

    def post_process(self, *args: Any, **options: Any) -> Any:
        yield from super().post_process(*args, **options)
        if options.get("dry_run"):
            return
        for path in Path(self.location).rglob("*"):
            if path.suffix in COMPRESSED and path.is_file():
                _compress(path)


def _compress(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    if not packed.exists() or packed.stat().st_mtime < path.stat().st_mtime:
        packed.write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))


def integrity(name: str) -> str:
    """Return the digest that a browser checks ``name`` against; empty if there is no file."""
    path = _path_of(name)
    return _digest(str(path), path.stat().st_mtime_ns) if path else ""


def _path_of(name: str) -> Path | None:
    stored = cast(HashedFiles, staticfiles_storage).stored_name(name)
    collected = Path(settings.STATIC_ROOT) / stored
    if collected.is_file():
        return collected
    found = finders.find(name)
    return Path(found) if isinstance(found, str) else None


@lru_cache(maxsize=256)
def _digest(path: str, changed: int) -> str:
    digest = hashlib.sha384(Path(path).read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


_HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_PIECE_BYTES = 256 * 1024
Headers = list[tuple[bytes, bytes]]


class StaticApp:
    """Serve ``STATIC_ROOT`` beside Django: compressed beforehand, kept for ever when hashed.

    What was never collected is found where it lies, so that tests need no collecting.
    """

    def __init__(self, root: Path | None = None, prefix: str = "/static/") -> None:
        self._root = Path(root or settings.STATIC_ROOT).resolve()
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        name = scope["path"].removeprefix(self._prefix)
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, [(b"allow", b"GET, HEAD")], b"")
            return
        path = self._find(name)
        if path is None:
            await _answer(send, 404, [], b"")
            return
        await _give(
            send, path, asked, whole=scope["method"] == "GET", kept=bool(_HASHED.search(name))
        )

    def _find(self, name: str) -> Path | None:
        if "\0" in name:
            return None
        path = (self._root / name).resolve()
        if path.is_relative_to(self._root) and path.is_file():
            return path
        try:
            found = finders.find(name)
        except SuspiciousFileOperation:
            return None
        return Path(found) if isinstance(found, str) and Path(found).is_file() else None


async def _give(
    send: Send, path: Path, asked: dict[bytes, str], *, whole: bool, kept: bool
) -> None:
    packed = path.with_name(f"{path.name}.gz")
    headers: Headers = [
        (b"content-type", _kind(path).encode()),
        (b"cache-control", b"public, max-age=31536000, immutable" if kept else b"no-cache"),
    ]
    if path.suffix in COMPRESSED:
        headers.append((b"vary", b"accept-encoding"))
        if b"range" not in asked and _takes_gzip(asked) and packed.is_file():
            headers.append((b"content-encoding", b"gzip"))
            path = packed
    facts = path.stat()
    tag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    headers.append((b"etag", tag.encode()))
    if tag in asked.get(b"if-none-match", "") or asked.get(b"if-none-match") == "*":
        await _answer(send, 304, headers, b"")
        return
    span = _span(asked.get(b"range", ""), facts.st_size) if _range_holds(asked, tag) else None
    if span == ():
        headers.append((b"content-range", b"bytes */%d" % facts.st_size))
        await _answer(send, 416, headers, b"")
        return
    start, end = span or (0, facts.st_size)
    headers += [(b"accept-ranges", b"bytes"), (b"content-length", b"%d" % (end - start))]
    if span:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, facts.st_size)))
    await send(
        {
            "type": "http.response.start",
            "status": 206 if span else 200,
            "headers": [*headers, *_fixed()],
        }
    )
    await _send_file(send, path, start, end if whole else start)


def _takes_gzip(asked: dict[bytes, str]) -> bool:
    offers = asked.get(b"accept-encoding", "").replace(" ", "").lower().split(",")
    return any(
        offer == "gzip" or (offer.startswith("gzip;") and offer != "gzip;q=0") for offer in offers
    )


def _range_holds(asked: dict[bytes, str], tag: str) -> bool:
    return b"range" in asked and asked.get(b"if-range", tag) == tag


def _span(said: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """Return the one span asked for, () when it lies outside, None when the whole is to be sent."""
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", said.strip())
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    return (start, end) if start < end else ()


async def _send_file(send: Send, path: Path, start: int, end: int) -> None:
    with path.open("rb") as file:
        file.seek(start)
        while end - start > _PIECE_BYTES:
            piece = await asyncio.to_thread(file.read, _PIECE_BYTES)
            start += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": file.read(end - start)})


async def _answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    said = (
        [*headers, *_fixed()]
        if status == 304
        else [*headers, (b"content-length", b"%d" % len(body)), *_fixed()]
    )
    await send({"type": "http.response.start", "status": status, "headers": said})
    await send({"type": "http.response.body", "body": body})


def _fixed() -> Headers:
    return [(name.lower().encode(), value.encode()) for name, value in secure_headers().items()]


def _kind(path: Path) -> str:
    return (
        _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )
