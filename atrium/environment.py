"""What the operator must tell us before we can boot. Everything else is set in the console."""

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

CHECKOUT = Path(__file__).resolve().parent.parent


class Environment(BaseModel):
    """Read once, from ``ATRIUM_*`` variables."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    data: Path = CHECKOUT / "var"
    """The folder that everything Atrium writes lies under: database, files, keys, static files."""

    host: str = "127.0.0.1"
    """The address the web process listens on."""

    port: int = Field(default=8000, ge=0, le=65535)
    """The port the web process listens on."""

    public_url: str = ""
    """The address people type, without a slash at the end; every link is built from it.
    Empty means ``http://localhost:PORT``. Production needs it."""

    mode: Literal["development", "production"] = "development"
    """Which safety checks apply. ``production`` refuses to start with a generated key."""

    secret_key: SecretStr = SecretStr("")
    """Signs sessions and links, and seals stored keys. Empty means: make one in ``ATRIUM_DATA``
    and keep it there (development only). Several keys, newest first, may be given with commas
    between; the older ones only open what they sealed."""

    database_url: str = ""
    """``sqlite:///path`` or ``postgres://user:secret@host:port/name``.
    Empty means a SQLite file in ``ATRIUM_DATA``."""

    redis_url: str = ""
    """``redis://host:port/0`` carries wake-ups between processes and machines. Never the truth:
    without it PostgreSQL's NOTIFY does it, or, on one machine, a loopback datagram."""

    worker: Literal["embedded", "none"] = "embedded"
    """Whether the web process starts and watches a worker of its own. With ``none``,
    run ``bin/atrium worker`` beside it."""

    email_url: str = "console:"
    """Where mail goes: ``console:``, ``smtp://user:secret@host:587/?tls=1``, ``file:///folder``."""

    trusted_proxies: int = Field(default=0, ge=0, le=8)
    """How many proxies of yours stand in front; as many entries of X-Forwarded-For, counted from
    the right, are believed, and no more."""

    sandbox: Literal["auto", "on", "off"] = "auto"
    """The Sandbox, a gateway for trying things out with which everybody can "pay". ``auto`` has it
    in development only; production refuses to start with ``on``."""

    job_lease_seconds: float = Field(default=30, ge=0.5, le=45)
    """How long a worker may be silent before its jobs are taken to be lost."""

    @classmethod
    def read(cls) -> Self:
        """Read what the process was started with."""
        names = {f"ATRIUM_{name.upper()}": name for name in cls.model_fields}
        return cls.model_validate(
            {names[told]: value for told, value in os.environ.items() if told in names}
        )


environment = Environment.read()
