"""``/v1`` with keys, holds and receipts on PostgreSQL, beside the bare engine and other gateways.

All stand at once and are asked in turn. LiteLLM is run where ``ATRIUM_LITELLM`` names its command;
Portkey where ``ATRIUM_PORTKEY`` names its ``start-server.js``. One that is absent is said.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench.kills import ROOT, House, free_port, until
from tests.house.servers import postgres

KEYS = 16
FAST, SLOW = "bench-c50-t0-g0", "bench-c50-t100-g100"
IDEAL_FIRST_MS = 100
TIMES_LITELLM = 8
MOST_CPU = 1.7
MOST_IDLE_MB = 150
wrong: list[str] = []


@dataclass
class Peer:
    name: str
    url: str
    keys: list[str]
    process: psutil.Process
    headers: dict[str, str] = field(default_factory=dict)

    def cpu(self) -> float:
        times = [one.cpu_times() for one in (self.process, *self.process.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))

    def megabytes(self) -> float:
        return float(self.process.memory_info().rss / 1_000_000)

    def asked(self, **how: Any) -> dict[str, Any]:
        """Ask it, and return what came of it, with the seconds of CPU for a thousand answers."""
        before = self.cpu()
        told = {"url": self.url, "keys": self.keys, "headers": self.headers, **how}
        ran = subprocess.run(
            [sys.executable, "-m", "bench.gateway_load", json.dumps(told)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(ran.stdout)
        found["cpu"] = (self.cpu() - before) / max(1, found["answers"]) * 1000
        return found


@contextmanager
def running(*words: str, **environment: str) -> Iterator[psutil.Process]:
    process = psutil.Popen(
        words,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def answers(peer: Peer) -> bool:
    how = {"model": FAST, "stream": False, "at_once": 1, "seconds": 0, "once": True}
    return bool(peer.asked(**how)["answers"])


def house(stack: ExitStack, folder: Path, engine: str) -> Peer:
    (folder / "house").mkdir()
    url = stack.enter_context(postgres(folder / "pg", durable=True))
    url = url.replace("/atrium?", "/postgres?").replace("pool=off", "pool=on")
    ours = House(folder / "house", url)
    ours.environment |= {
        "ATRIUM_WORKER": "none",
        "ATRIUM_JOB_LEASE_SECONDS": "45",
        "ATRIUM_SANDBOX": "off",
    }
    prepared = ours.atrium("prepare")
    assert prepared.returncode == 0, prepared.stderr + prepared.stdout
    made = ours.python("bench.gateway_made", str(KEYS), engine, FAST, SLOW)
    assert made.returncode == 0, made.stderr
    ours.start()
    stack.callback(ours.stop)
    assert ours.web is not None
    keys = json.loads(made.stdout.splitlines()[-1])
    return Peer("Atrium", f"http://127.0.0.1:{ours.port}/v1/chat/completions", keys, ours.web)


def litellm(stack: ExitStack, folder: Path, engine: str) -> Peer | None:
    command, port = os.environ.get("ATRIUM_LITELLM", ""), free_port()
    if not command:
        return None
    listed = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_base": engine, "api_key": "sk-x"},
        }
        for name in (FAST, SLOW)
    ]
    (folder / "litellm.json").write_text(
        json.dumps({"model_list": listed, "general_settings": {"master_key": "sk-bench"}})
    )
    words = ["--config", str(folder / "litellm.json"), "--host", "127.0.0.1", "--port", str(port)]
    process = stack.enter_context(running(command, *words, LITELLM_LOG="ERROR"))
    return Peer("LiteLLM", f"http://127.0.0.1:{port}/v1/chat/completions", ["sk-bench"], process)


def portkey(stack: ExitStack, engine: str) -> Peer | None:
    script, port = os.environ.get("ATRIUM_PORTKEY", ""), free_port()
    if not script:
        return None
    words = ["node", script, f"--port={port}", "--headless"]
    process = stack.enter_context(running(*words, TRUSTED_CUSTOM_HOSTS="127.0.0.1,localhost"))
    headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": engine}
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    return Peer("Portkey", url, ["sk-x"], process, headers)


def measure(peers: list[Peer], args: argparse.Namespace) -> dict[tuple[str, str], dict[str, Any]]:
    ways: dict[str, dict[str, Any]] = {
        "whole answers, 16 at once": {"model": FAST, "stream": False, "at_once": 16},
        "streams of 50 pieces, 16 at once": {"model": FAST, "stream": True, "at_once": 16},
    }
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _round in range(args.rounds):
        for way, how in ways.items():
            for peer in peers:
                found.setdefault((way, peer.name), []).append(
                    peer.asked(**how, seconds=args.seconds)
                )
    slow = {"model": SLOW, "stream": True, "at_once": 500, "seconds": 0, "once": True, "ramp": 2}
    for peer in peers:
        found["500 slow streams", peer.name] = [peer.asked(**slow)]
    return {
        key: {
            name: median(one[name] for one in several)
            if name != "wrong"
            else sum(sum(one["wrong"].values()) for one in several)
            for name in several[0]
        }
        for key, several in found.items()
    }


def tell(found: dict[tuple[str, str], dict[str, Any]]) -> None:
    print(f"{'':<34}{'':<10}{'a second':>9}{'p50 ms':>9}{'p95 ms':>9}", end="")
    print(f"{'first p95':>10}{'late p50':>9}{'late p95':>9}{'CPU s/1000':>11}{'wrong':>6}")
    for (way, name), one in found.items():
        print(f"{way:<34}{name:<10}{one['per_s']:>9,.1f}{one['p50_ms']:>9.1f}", end="")
        print(
            f"{one['p95_ms']:>9.1f}{one['first_p95_ms']:>10.1f}{one['late_p50_ms']:>9.1f}", end=""
        )
        print(f"{one['late_p95_ms']:>9.1f}{one['cpu']:>11.2f}{one['wrong']:>6}")


def wanted(what: str, *, holds: bool) -> None:
    print(f"{'ok' if holds else 'MISSED':<7} {what}")
    if not holds:
        wrong.append(what)


def judge(found: dict[tuple[str, str], dict[str, Any]], idle: float) -> None:
    whole, streams = "whole answers, 16 at once", "streams of 50 pieces, 16 at once"
    slow = "500 slow streams"
    ours = found[whole, "Atrium"]
    if (whole, "LiteLLM") in found:
        times = ours["per_s"] / found[whole, "LiteLLM"]["per_s"]
        said = f"{times:.1f} times LiteLLM's whole answers, at least {TIMES_LITELLM}"
        wanted(said, holds=times >= TIMES_LITELLM)
    if (streams, "Portkey") in found:
        theirs, mine = found[streams, "Portkey"]["per_s"], found[streams, "Atrium"]["per_s"]
        wanted(f"{mine:.0f} streams a second, Portkey's {theirs:.0f}", holds=mine >= theirs)
    said = f"{ours['cpu']:.2f} s of CPU for 1,000 whole answers, at most {MOST_CPU}"
    wanted(said, holds=ours["cpu"] <= MOST_CPU)
    first = found[slow, "Atrium"]["first_p95_ms"]
    wanted(f"first piece of 500 after {first:.0f} ms at p95", holds=first <= 1.5 * IDEAL_FIRST_MS)
    dropped = found[slow, "Atrium"]["wrong"]
    wanted(f"{dropped} of 500 slow streams dropped", holds=not dropped)
    wanted(f"{idle:.0f} MB when idle, at most {MOST_IDLE_MB}", holds=idle <= MOST_IDLE_MB)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        engine = f"http://127.0.0.1:{port}/v1"
        process = stack.enter_context(
            running(sys.executable, "-m", "bench.gateway_upstream", str(port))
        )
        bare = Peer("bare", f"{engine}/chat/completions", ["x"], process)
        until(lambda: answers(bare), "the engine does not stand")
        peers = [bare, house(stack, folder, engine)]
        others = {"LiteLLM": litellm(stack, folder, engine), "Portkey": portkey(stack, engine)}
        for called, other in others.items():
            print(f"{called} is {'here' if other else 'absent: nothing names it'}.", flush=True)
            peers += [other] if other else []
        for peer in peers[1:]:
            until(lambda peer=peer: answers(peer), f"{peer.name} does not stand")
        idle = peers[1].megabytes()
        found = measure(peers, args)
    tell(found)
    judge(found, idle)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
