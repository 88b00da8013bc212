"""Whether this installation can serve: each part registers a probe under its name."""

import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Probe = Callable[[], str]
_probes: dict[str, Probe] = {}
FREE_BYTES = 256 * 1024 * 1024


class NotReady(Exception):
    """A probe found something missing; its words are shown to the operator."""


def register(name: str, probe: Probe) -> None:
    """Ask ``probe`` at ``/readyz``: it returns what it saw, or raises ``NotReady``."""
    _probes[name] = probe


def probe_all() -> dict[str, dict[str, Any]]:
    """Return for each probe whether all is well and what it saw."""
    return {name: _ask(probe) for name, probe in _probes.items()}


def _ask(probe: Probe) -> dict[str, Any]:
    try:
        return {"ok": True, "saw": probe()}
    except NotReady as missing:
        return {"ok": False, "saw": str(missing)}
    except Exception as error:
        return {"ok": False, "saw": type(error).__name__}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return str(connection.vendor)


_migrated: set[str] = set()


def _migrations() -> str:
    # Once applied they stay so while this process runs; the look-up reads every migration file.
    if connection.alias not in _migrated:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            said = f"{len(missing)} not applied"
            raise NotReady(said)
        _migrated.add(connection.alias)
    return "applied"


def _disk() -> str:
    free = shutil.disk_usage(settings.DATA).free
    if free < FREE_BYTES:
        said = f"only {free // 2**20} MB free"
        raise NotReady(said)
    return f"{free // 2**20} MB free"


register("database", _database)
register("migrations", _migrations)
register("disk", _disk)
