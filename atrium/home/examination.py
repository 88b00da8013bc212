"""What ``doctor`` looks at: each thing, whether it is there, what it is for, how to get it."""

import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from atrium.kit import child

State = Literal["good", "missing", "bad"]
FREE_BYTES = 2_000_000_000
OPTIONAL_FONTS = {
    "Cyrillic and Greek": ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf"),
    "Arabic": ("NotoSansArabic*.ttf", "NotoNaskhArabic*.ttf", "DejaVuSans.ttf"),
    "Devanagari": ("NotoSansDevanagari*.ttf", "Lohit-Devanagari.ttf"),
    "Chinese, Japanese, Korean": ("NotoSansCJK*.ttc", "wqy-*.ttc", "DroidSansFallback*.ttf"),
}
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
)


@dataclass(frozen=True)
class Finding:
    """``missing`` takes something away that can be done without; ``bad`` must be put right."""

    what: str
    state: State
    seen: str
    purpose: str = ""
    way: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything, in the order in which a person would put it right."""
    for look in EXAMINATIONS:
        yield from look()


def python() -> Iterator[Finding]:
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    version = platform.python_version()
    yield Finding("Python", "good" if good else "bad", version, "", "" if good else "3.11 to 3.13")


def data_folder() -> Iterator[Finding]:
    folder: Path = settings.DATA
    draft = folder / ".doctor"
    try:
        draft.write_bytes(b"")
        draft.unlink()
    except OSError as trouble:
        way = f"make it writable for this user: {folder}"
        yield Finding("Data folder", "bad", str(trouble.strerror), "holds all that is kept", way)
        return
    free = shutil.disk_usage(folder).free
    state: State = "good" if free >= FREE_BYTES else "bad"
    seen = f"{folder}, {free / 1e9:.1f} GB free"
    yield Finding(
        "Data folder", state, seen, "holds all that is kept", "" if state == "good" else "free some"
    )


def database() -> Iterator[Finding]:
    purpose = "holds every row"
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                yield from _postgres(cursor, purpose)
            else:
                yield from _sqlite(purpose)
    except (DatabaseError, OSError) as trouble:
        said = str(trouble).strip().splitlines()[0]
        yield Finding("Database", "bad", said, purpose, "see ATRIUM_DATABASE_URL")


def _postgres(cursor: object, purpose: str) -> Iterator[Finding]:
    cursor.execute("SHOW server_version")  # type: ignore[attr-defined]
    version = cursor.fetchone()[0]  # type: ignore[attr-defined]
    good = int(version.split(".")[0]) >= 14
    yield Finding(
        "PostgreSQL", "good" if good else "bad", version, purpose, "" if good else "14 or newer"
    )
    cursor.execute("SELECT name FROM pg_available_extensions")  # type: ignore[attr-defined]
    there = {name for (name,) in cursor.fetchall()}  # type: ignore[attr-defined]
    for name, use in {"vector": "search by meaning", "unaccent": "search without accents"}.items():
        state: State = "good" if name in there else "missing"
        yield Finding(
            f"PostgreSQL {name}",
            state,
            "" if name in there else "not there",
            use,
            "your package of it",
        )


def _sqlite(purpose: str) -> Iterator[Finding]:
    version = sqlite3.sqlite_version
    good = sqlite3.sqlite_version_info >= (3, 35)
    yield Finding(
        "SQLite", "good" if good else "bad", version, purpose, "" if good else "3.35 or newer"
    )
    with closing(sqlite3.connect(":memory:")) as memory:
        options = {name for (name,) in memory.execute("PRAGMA compile_options")}
    good = "ENABLE_FTS5" in options
    yield Finding(
        "SQLite FTS5",
        "good" if good else "bad",
        "",
        "search in your sources",
        "a Python built with it",
    )


def walls() -> Iterator[Finding]:
    purpose = "keep what strangers' files can do inside the process that reads them"
    try:
        around = child.confinement()
    except (child.ChildDied, child.ChildLimit) as trouble:
        yield Finding("Walls around readers", "bad", str(trouble), purpose, "read the lines above")
        return
    lacking = [name.replace("_", " ") for name, stands in around.items() if not stands]
    if lacking:
        seen = f"bounds only, but not: {', '.join(lacking)}"
        way = "run on Linux on x86-64 or ARM64"
        yield Finding("Walls around readers", "missing", seen, purpose, way)
    else:
        seen = ", ".join(name.replace("_", " ") for name in around)
        yield Finding("Walls around readers", "good", seen, purpose)


def wake_ups() -> Iterator[Finding]:
    url = settings.ATRIUM.redis_url
    purpose = "wakes processes on several machines"
    if not url:
        carrier = (
            "PostgreSQL's NOTIFY" if connection.vendor == "postgresql" else "a loopback datagram"
        )
        yield Finding(
            "Redis", "missing", f"not asked for; {carrier} does it", purpose, "ATRIUM_REDIS_URL"
        )
        return
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        version = client.info("server")["redis_version"]
        yield Finding("Redis", "good", str(version), purpose)
    except redis.RedisError as trouble:
        yield Finding("Redis", "bad", str(trouble), purpose, "start it, or clear ATRIUM_REDIS_URL")
    finally:
        client.close()


def address() -> Iterator[Finding]:
    parts = urlsplit(settings.PUBLIC_ADDRESS)
    purpose = "every link begins with it"
    way = "ATRIUM_PUBLIC_URL=https://your.name"
    if not settings.PRODUCTION:
        yield Finding("Public address", "good", f"{settings.PUBLIC_ADDRESS} (development)", purpose)
    elif parts.scheme != "https" or parts.hostname in {"localhost", "127.0.0.1"}:
        yield Finding("Public address", "bad", settings.PUBLIC_ADDRESS, purpose, way)
    else:
        yield Finding("Public address", "good", settings.PUBLIC_ADDRESS, purpose)
    if _is_number(parts.hostname or ""):
        seen = f"{parts.hostname} is a number"
        yield Finding(
            "Passkeys", "missing", seen, "sign in without a password", "serve under a name"
        )


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def mail() -> Iterator[Finding]:
    purpose = "resets, receipts, notifications"
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        kind = settings.EMAIL_BACKEND.split(".")[-2]
        way = "ATRIUM_EMAIL_URL=smtp://…"
        yield Finding("Mail", "missing", f"goes to the {kind} only", purpose, way)
        return
    place = (settings.EMAIL_HOST, settings.EMAIL_PORT)
    try:
        socket.create_connection(place, timeout=3).close()
        yield Finding("Mail", "good", f"{place[0]}:{place[1]} answers", purpose)
    except OSError as trouble:
        yield Finding(
            "Mail", "bad", f"{place[0]}:{place[1]}: {trouble}", purpose, "see ATRIUM_EMAIL_URL"
        )


def engines() -> Iterator[Finding]:
    yield _either(
        "eSpeak NG", "espeakng_loader", "espeak-ng", "speech without a key", "espeakng-loader"
    )
    yield _either(
        "PocketSphinx", "pocketsphinx", "", "transcripts without a key, in English", "pocketsphinx"
    )
    yield _either("Video and sound", "av", "ffmpeg", "reels, captions, cutting", "av")
    yield _either("Text in pictures", "", "tesseract", "reads scanned pages", "tesseract-ocr (apt)")


def _either(what: str, module: str, program: str, purpose: str, package: str) -> Finding:
    """Find a thing as a Python module or as a program."""
    if module and find_spec(module):
        return Finding(what, "good", f"module {module}", purpose)
    path = shutil.which(program) if program else None
    if path:
        return Finding(what, "good", path, purpose)
    return Finding(what, "missing", "not there", purpose, f"install {package}")


def fonts() -> Iterator[Finding]:
    for script, patterns in OPTIONAL_FONTS.items():
        found = next(_fonts_like(patterns), None)
        what, purpose = f"Font for {script}", "text in pictures and PDFs"
        if found:
            yield Finding(what, "good", found.name, purpose)
        else:
            yield Finding(what, "missing", "not there", purpose, "fonts-noto (apt)")


def _fonts_like(patterns: tuple[str, ...]) -> Iterator[Path]:
    for folder in FONT_FOLDERS:
        for pattern in patterns:
            yield from folder.rglob(pattern)


EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    data_folder,
    database,
    walls,
    wake_ups,
    address,
    mail,
    engines,
    fonts,
)
