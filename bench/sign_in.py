"""Whether the sign-in tells which names exist, and how many passwords it lets anybody try.

Names that exist and names that do not are tried in turns, and so are addresses at the reset of a
password; then 64 wrong passwords at once, over two web processes, behind made-up networks.
``python -m bench.sign_in``
"""

import http.client
import re
import secrets
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from threading import Barrier
from urllib.parse import urlencode

import psutil  # type: ignore[import-untyped]

from atrium.kit.limits import LIMITS
from bench.kills import ROOT, House, until

TRIES = 200
APART = 0.05
AT_ONCE = 64
NAMES = 20  # each is allowed so many tries from everywhere
wrong: list[str] = []


class Counted(House):
    """A web process that counts the passwords it hashed where it cannot take any back."""

    def __init__(self, folder: Path, *, proxies: int) -> None:
        super().__init__(folder)
        self.environment |= {"ATRIUM_WORKER": "none", "ATRIUM_TRUSTED_PROXIES": str(proxies)}
        self.hashed = folder / "hashed"

    def start(self, until_answers: str = "/readyz") -> None:
        self.web = psutil.Popen(
            [sys.executable, "-m", "bench.sign_in_counted", str(self.hashed), "serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        until(lambda: self._answers(until_answers), "the house does not stand")

    def how_many_hashed(self) -> int:
        return self.hashed.stat().st_size if self.hashed.exists() else 0


class Browser:
    """A line to a house, and the token of its forms."""

    def __init__(self, house: House, page: str = "/sign-in") -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
        self.line.request("GET", page)
        answer = self.line.getresponse()
        self.cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
        assert found, f"{page} has no form"
        self.token = found[1]

    def send(self, path: str, **fields: str) -> tuple[int, float]:
        """Send a form from a network nobody has come from, and return status and seconds."""
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields})
        network = ".".join(str(secrets.randbelow(254) + 1) for _part in range(4))
        began = time.perf_counter()
        self.line.request(
            "POST",
            path,
            body,
            {
                "Cookie": self.cookie,
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-For": network,
                "Forwarded": f"for={network}",
                "X-Real-IP": network,
            },
        )
        answer = self.line.getresponse()
        answer.read()
        return answer.status, time.perf_counter() - began


def say(what: str, found: str, *, wanted: str, holds: bool) -> None:
    print(f"{what:<54}{found:>34}   {wanted:<26} {'ok' if holds else 'MISSED'}", flush=True)
    if not holds:
        wrong.append(what)


def apart(what: str, browser: Browser, path: str, field: str, known: list[str]) -> None:
    """Try names of both kinds in turns, the first of each pair changing, and compare."""
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    statuses: dict[str, Counter[int]] = {"known": Counter(), "unknown": Counter()}
    for number in range(TRIES):
        there = known[number % len(known)]
        pair = [("known", there), ("unknown", f"{number}{there}")]
        for kind, name in pair if number % 2 else reversed(pair):
            more = {"password": "not this one at all"} if field == "username" else {}
            status, seconds = browser.send(path, **{field: name}, **more)
            took[kind].append(seconds)
            statuses[kind][status] += 1
    middle = {kind: median(times) * 1000 for kind, times in took.items()}
    ratio = middle["known"] / middle["unknown"]
    say(
        f"{what}, {TRIES} each",
        f"{middle['known']:.1f} / {middle['unknown']:.1f} ms = {ratio:.3f}",
        wanted=f"within {APART:.0%} of 1",
        holds=abs(ratio - 1) < APART,
    )
    told = " ".join(f"{status} {times}×" for status, times in sorted(statuses["known"].items()))
    say(
        f"{what}: the answers",
        told,
        wanted="the same for both",
        holds=len(set(map(str, statuses.values()))) == 1,
    )


def at_once(houses: list[Counted], path: str, name: str, *, allowed: int) -> None:
    before = houses[0].how_many_hashed()
    browsers = [Browser(houses[number % len(houses)]) for number in range(AT_ONCE)]
    together = Barrier(AT_ONCE)

    def guess(browser: Browser) -> int:
        together.wait()
        return browser.send(path, username=name, password="not this one at all")[0]

    with ThreadPoolExecutor(AT_ONCE) as threads:
        statuses = Counter(threads.map(guess, browsers))
    hashed = houses[0].how_many_hashed() - before
    told = " ".join(f"{status} {times}×" for status, times in sorted(statuses.items()))
    say(
        f"{AT_ONCE} at once at {path}, two processes",
        f"{hashed} evaluated; {told}",
        wanted=f"exactly {allowed}",
        holds=hashed == allowed,
    )


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        trusting, *plain = (Counted(Path(folder), proxies=n) for n in (1, 0, 0))
        prepared = trusting.atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr + prepared.stdout
        made = trusting.python("bench.people_made", str(NAMES))
        assert made.returncode == 0, made.stderr
        names = [f"person{number}" for number in range(NAMES)]
        try:
            trusting.start()
            apart("sign-in", Browser(trusting), "/sign-in", "username", names)
            addresses = [f"{name}@example.org" for name in names]
            apart("reset", Browser(trusting, "/reset"), "/reset", "email", addresses)
            for house in plain:
                house.start()
            allowed = LIMITS.sign_in_tries_per_name_and_address
            at_once(plain, "/sign-in", "person0", allowed=allowed)
            at_once(plain, "/sign-in", "nobody at all", allowed=allowed)
            at_once(plain, "/console/login/", "person1", allowed=0)
        finally:
            for house in (trusting, *plain):
                house.stop()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
