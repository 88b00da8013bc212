"""Servers with models on this very machine, at the ports where people run them."""

import asyncio
import json
import time
from dataclasses import dataclass

from atrium.engines.adapters.listing import models_now
from atrium.engines.models import Provider
from atrium.engines.protocol import EngineTrouble
from atrium.kit.http import FetchFailed, FetchRefused
from atrium.kit.lines_out import asked, close

PORTS = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
_SECONDS = 2.0
_MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A server, and which models it says it has."""

    name: str
    url: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider answered when it was asked for its models, and after how long."""

    models: tuple[str, ...]
    milliseconds: int
    trouble: str = ""


def servers_here(ports: dict[str, int] | None = None) -> list[Found]:
    """Ask each of the known ports of this machine; nothing is connected by that."""
    return asyncio.run(_servers_here(PORTS if ports is None else ports))


def ask(provider: Provider) -> Told:
    """Ask a provider which models it has."""
    began = time.monotonic()
    models, trouble = list[str](), ""
    try:
        models = models_now(kind=provider.kind, url=provider.url, key=provider.key)
    except EngineTrouble as told:
        trouble = told.said
    milliseconds = round(1_000 * (time.monotonic() - began))
    return Told(tuple(models[:_MOST_NAMES]), milliseconds, trouble)


async def _servers_here(ports: dict[str, int]) -> list[Found]:
    try:
        found = await asyncio.gather(*(_look(name, port) for name, port in ports.items()))
    finally:
        await close()
    return [one for one in found if one]


async def _look(name: str, port: int) -> Found | None:
    url = f"http://127.0.0.1:{port}/v1"
    try:
        async with (
            asyncio.timeout(_SECONDS),
            asked(f"{url}/models", method="GET", seconds=_SECONDS) as answering,
        ):
            if answering.status != 200:
                return None
            told = json.loads(await answering.whole())
    except (FetchFailed, FetchRefused, ValueError, RecursionError, TimeoutError):
        return None
    rows = told.get("data") if isinstance(told, dict) else None
    if not isinstance(rows, list):
        return None
    names = [row.get("id") for row in rows if isinstance(row, dict)]
    return Found(name, url, tuple(one for one in names if isinstance(one, str))[:_MOST_NAMES])
