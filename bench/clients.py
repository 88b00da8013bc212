"""Clients that others made, unmodified, against ``/v1``: whole answers, streams, tools, errors.

Each is installed as pinned here into an environment of this run alone, so this needs a package
registry; ``ATRIUM_CLIENTS`` and ``ATRIUM_CLIENTS_NODE`` name folders that have them already. The
Vercel AI SDK runs where ``node`` is. What the engine behind is asked is ours, on loopback.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.kills import ROOT, House
from tests.house.upstream import Does, Upstream, upstream

PYTHON = (
    "llm==0.36",
    "langchain-openai==1.7.3",
    "litellm==1.83.0",
    "pydantic-ai-slim[openai]==2.68.0",
)
NODE = ("ai@6.0.326", "@ai-sdk/openai-compatible@2.0.87")
CLIENTS = ("llm", "langchain-openai", "litellm", "pydantic-ai", "Vercel AI SDK")
WAYS = ("whole", "stream", "tools", "vectors", "error")
NO_VECTORS = {"llm", "pydantic-ai"}
MODEL = "green-1"
HERE = ROOT / "bench" / "other_clients"
PATIENCE = 300


def main() -> int:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        engine = stack.enter_context(upstream())
        environment = served(stack, folder, engine)
        python, node = with_python(folder), with_node(folder)
        print(f"{'':<20}" + "".join(f"{way:<10}" for way in WAYS))
        said: list[str] = []
        for client in CLIENTS:
            line = []
            for way in WAYS:
                command = command_of(client, way, python, node)
                line.append(asked(engine, command, environment, said) if command else "–")
            print(f"{client:<20}" + "".join(f"{found:<10}" for found in line), flush=True)
    for trouble in said:
        print(trouble)
    return 1 if said else 0


def served(stack: ExitStack, folder: Path, engine: Upstream) -> dict[str, str]:
    """Serve a house with one key, and return the surroundings of a client."""
    (folder / "house").mkdir()
    house = House(folder / "house")
    house.environment["ATRIUM_WORKER"] = "none"
    for ran in (
        house.atrium("prepare"),
        house.python("bench.callers_made", "1", engine.url, MODEL),
        house.python("bench.callers_made", "--embeds", MODEL),
    ):
        assert ran.returncode == 0, ran.stderr
        if ran.stdout.startswith("["):
            key = json.loads(ran.stdout.splitlines()[-1])[0]["key"]
    house.start()
    stack.callback(house.stop)
    url = f"http://127.0.0.1:{house.port}/v1"
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return {**kept, "ATRIUM_V1": url, "ATRIUM_KEY": key, "HOME": str(folder)}


def with_python(folder: Path) -> Path:
    """Return the Python of an environment that has those of ``PYTHON``."""
    made = Path(os.environ.get("ATRIUM_CLIENTS") or folder / "python")
    if not made.exists():
        subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
        pip = [str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", *PYTHON]
        subprocess.run(pip, check=True)
    return made / "bin" / "python"


def with_node(folder: Path) -> Path | None:
    """Return a folder from which node finds those of ``NODE``; none where there is no node."""
    if not shutil.which("node") or not shutil.which("npm"):
        print("The Vercel AI SDK is absent: there is no node.")
        return None
    made = Path(os.environ.get("ATRIUM_CLIENTS_NODE") or folder / "node")
    if not made.exists():
        made.mkdir()
        quiet = ["--silent", "--no-audit", "--no-fund"]
        subprocess.run(["npm", "install", "--prefix", str(made), *quiet, *NODE], check=True)
    shutil.copy(HERE / "asks.mjs", made)
    return made


def command_of(client: str, way: str, python: Path, node: Path | None) -> list[str]:
    if client == "Vercel AI SDK":
        return ["node", str(node / "asks.mjs"), way] if node else []
    if way == "vectors" and client in NO_VECTORS:
        return []
    return [str(python), str(HERE / "asks.py"), client, way]


def asked(
    engine: Upstream, command: list[str], environment: dict[str, str], said: list[str]
) -> str:
    """Ask in this way, and return a word for what came of it."""
    used = {"prompt_tokens": 20, "completion_tokens": 12, "total_tokens": 32}
    engine.does = Does(usage=used)
    if command[-1] == "tools":
        engine.does = Does(usage=used, words=(), calls=(("weather", '{"city": "Kyiv"}'),), times=1)
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if ran.returncode == 0:
        return "ok"
    told = (ran.stderr or ran.stdout).strip().splitlines()[-3:]
    said.append(f"{' '.join(command[-2:])}: " + " / ".join(told))
    return "MISSED"


if __name__ == "__main__":
    sys.exit(main())
