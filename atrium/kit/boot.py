"""What settings need to know before Django stands: the database, the mail, the keys."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_SQLITE_START = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
    "PRAGMA foreign_keys=ON;PRAGMA mmap_size=134217728;"
)


class Misconfigured(Exception):
    """The environment asks for something that must not boot."""


def secret_keys(*, given: str, keep_in: Path, mode: str) -> list[str]:
    """Return the signing keys, newest first; in development make and keep one when none is given.

    :raises Misconfigured: in production without a key, or with one too short to trust
    """
    keys = [key.strip() for key in given.split(",") if key.strip()]
    if mode == "production":
        if not keys:
            raise Misconfigured("ATRIUM_SECRET_KEY is not set; production does not make one up.")
        if any(len(key) < 32 for key in keys):
            raise Misconfigured("ATRIUM_SECRET_KEY is shorter than 32 characters.")
    return keys or [_kept_key(keep_in)]


def public_address(*, given: str, port: int, mode: str) -> str:
    """Return the address that every link is built from, without a slash at its end.

    :raises Misconfigured: when it is no address, or in production when it is none that people
        could come to safely
    """
    if not given:
        if mode == "production":
            raise Misconfigured(
                "ATRIUM_PUBLIC_URL is not set; production builds its links from it."
            )
        return f"http://localhost:{port}"
    parts = urlsplit(given)
    host = parts.hostname
    bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in {"http", "https"} or not host or not bare:
        raise Misconfigured("ATRIUM_PUBLIC_URL is not like https://atrium.example, without a path.")
    here = host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")
    if mode == "production" and parts.scheme == "http" and not here:
        raise Misconfigured("ATRIUM_PUBLIC_URL is not https: passwords would travel in clear.")
    return f"{parts.scheme}://{parts.netloc}"


def has_sandbox(*, given: str, mode: str) -> bool:
    """Return whether people may "pay" with the Sandbox here.

    :raises Misconfigured: in production when it is asked for
    """
    if mode == "production" and given == "on":
        raise Misconfigured(
            "ATRIUM_SANDBOX is on: in production everybody could pay without money."
        )
    return mode != "production" and given != "off"


def folder(path: Path) -> Path:
    """Return ``path``, made if it was missing and closed to other users."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _kept_key(path: Path) -> str:
    folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        # Linked into place whole, so that two first starts at once agree on one key.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def database_from(url: str, *, data: Path) -> dict[str, Any]:
    """Return Django's description of the database at ``url``, set up to be written by many."""
    if not url or url.startswith("sqlite:"):
        name = Path(unquote(url.removeprefix("sqlite:///"))) if url else data / "atrium.sqlite3"
        name.parent.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(name),
            # Opening one and telling it how to behave takes longer than most questions.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": _SQLITE_START,
            },
            # In memory, SQLite's shared cache ignores the busy time-out.
            "TEST": {"NAME": str(name.with_name(f"test_{name.name}"))},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise Misconfigured("ATRIUM_DATABASE_URL starts with neither sqlite:/// nor postgres://.")
    asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    pool = asked.pop("pool", "on") != "off"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": asked.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": asked.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**asked, **({"pool": {"min_size": 1, "max_size": 16}} if pool else {})},
    }


def mail_from(url: str) -> dict[str, Any]:
    """Return Django's mail settings for ``console:``, ``smtp://…`` or ``file:///folder``."""
    parts = urlsplit(url)
    backend = "django.core.mail.backends."
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backend}console.EmailBackend"}
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": f"{backend}filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme not in {"smtp", "smtps"}:
        raise Misconfigured("ATRIUM_EMAIL_URL starts with none of console:, smtp://, file:///.")
    asked = parse_qs(parts.query)
    return {
        "EMAIL_BACKEND": f"{backend}smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": asked.get("tls", ["0"])[-1] == "1",
        "EMAIL_TIMEOUT": 15,
    }
