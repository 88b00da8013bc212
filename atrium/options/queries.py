import asyncio
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from asgiref.sync import sync_to_async

from atrium.kit.secrets import CannotUnseal, unseal
from atrium.options import registry
from atrium.options.models import Setting
from atrium.options.registry import BadValue, Option, UnknownOption, Value

FRESH_SECONDS = 4.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    values: Mapping[str, Value]
    read_at: float

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.read_at < FRESH_SECONDS


_snapshot: _Snapshot | None = None
_forgotten = 0
_reading = threading.Lock()


def value(key: str) -> Any:
    """Return what the option ``key`` says now: a change is seen everywhere within 5 seconds.

    On an event loop use ``value_soon``: once in a few seconds this asks the database.
    """
    seen = _snapshot
    if seen is None or not seen.is_fresh:
        seen = _refreshed(seen)
    return _looked_up(seen, key)


async def value_soon(key: str) -> Any:
    """Return the same as ``value``, for code on an event loop."""
    seen = _snapshot
    if seen is None or not seen.is_fresh:
        seen = await sync_to_async(_refreshed)(seen)
    return _looked_up(seen, key)


def forget() -> None:
    """Read the settings anew at the next question."""
    global _snapshot, _forgotten  # noqa: PLW0603
    _forgotten += 1
    _snapshot = None


def shown(option: Option) -> str:
    """Return what may be shown of an option's value: all of it, or whether a secret is set."""
    if not option.secret:
        return option.written(value(option.key))
    return "••••••" if value(option.key) else ""


def changed() -> dict[str, Setting]:
    """Return the rows of the options that are not at their default, by key."""
    return {setting.key: setting for setting in Setting.objects.all()}


def _looked_up(seen: _Snapshot, key: str) -> Value:
    found = seen.values.get(key)
    return registry.option(key).default if found is None else found


def _refreshed(stale: _Snapshot | None) -> _Snapshot:
    global _snapshot  # noqa: PLW0603
    if stale is not None and _on_an_event_loop():
        return stale  # the middleware has asked ``value_soon`` a moment ago
    # Nobody waits for another's reading: a thread that holds a connection could wait for one that
    # has none. Who comes second reads for itself, or makes do with what was true a moment ago.
    mine = _reading.acquire(blocking=False)
    if not mine and stale is not None:
        return stale
    try:
        before = _forgotten
        fresh = _Snapshot(_read_all(), time.monotonic())
        if before == _forgotten:  # else a change came while we read
            _snapshot = fresh
        return fresh
    finally:
        if mine:
            _reading.release()


def _on_an_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _read_all() -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for key, text in Setting.objects.values_list("key", "text"):
        try:
            option = registry.option(key)
            plain = unseal(text, purpose=f"option:{key}") if option.secret else text
            found[key] = option.parse(plain)
        except UnknownOption:
            continue  # of a release that had it
        except (BadValue, CannotUnseal) as refused:
            logger.warning("The option %s stays at its default: %s", key, refused)
    return MappingProxyType(found)
