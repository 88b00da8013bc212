"""Kill the web process and its worker with -9 while answers are charged and credits are bought.

Afterwards nothing is left set aside, the receipts are what the books say, and our payments, credits
and books are what the Sandbox's journal says. ``python -m bench.kills_money 500`` runs it long; the
suite runs 20.
"""

import argparse
import contextlib
import http.client
import json
import random
import re
import secrets
import signal
import string
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.kills import PATIENCE, House, Program, Report, kill_at_random, until

BOUNDED = {"too_many_purchases", "too_many_calls"}
"""What stops a buyer until their hour is over."""

CUT_OFF = {"in_flight", "outcome_unknown"}
"""What a key answers whose first call died with the process: its order has not been paid, and the
buyer begins another."""


class Asker(Program):
    """Asks, again and again; each answer costs something."""

    def run(self) -> None:
        while not self.enough.wait(0.05):
            body = json.dumps({"text": "Why do leaves look green?"}).encode()
            status, asked = self.house.ask(
                "POST", "/api/v1/chats", body, self.token, "application/json"
            )
            if self.noted(status) and status == 202:
                self.answers.append(asked["answer"]["id"])


class Buyer(Program):
    """Buys credits through the Sandbox, as a browser would, and comes again when cut off."""

    def __init__(self, house: House, token: str, report: Report, session: str) -> None:
        super().__init__(house, token, report)
        letters = string.ascii_letters + string.digits
        self.csrf = "".join(secrets.choice(letters) for _each in range(32))
        self.cookie = f"session={session}; csrf={self.csrf}"

    def run(self) -> None:
        while not self.enough.wait(0.25):
            self._buy(secrets.token_hex(8))

    def _buy(self, key: str) -> None:
        """Each step is repeated with its key until it is answered; nothing is bought twice."""
        payment = self._until_answered(lambda: self._open(key))
        if payment is None:
            return
        order = self._until_answered(lambda: self._press(f"/wallet/payments/{payment}/checkout"))
        if path := _order_in(order or ""):
            self._until_answered(lambda: self._press(path, do="pay"))

    def _until_answered(self, step: Any) -> Any:
        for _try in range(100):
            status, said = step()
            if self.noted(status) and status < 500:
                return said
            if self.enough.wait(0.1):
                return None
        return None

    def _open(self, key: str) -> tuple[int, Any]:
        told = {"amount": "5.00", "currency": "USD", "gateway": "sandbox"}
        line = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=15)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            line.request("POST", "/api/v1/credits", json.dumps(told), headers)
            answer = line.getresponse()
            said = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            line.close()
        if said.get("code") in BOUNDED:
            self.house.python("bench.money_made", "hour-later")
            return 0, None
        if answer.status not in (201, 503) and said.get("code") not in CUT_OFF:
            self.report.wrong.append(f"buying: {answer.status} {said}")
        return answer.status, said.get("payment")

    def _press(self, path: str, **told: str) -> tuple[int, Any]:
        """Send a form, and return where it leads: by its head, or by a page that goes on."""
        line = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=15)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            line.request(
                "POST", path, urlencode({**told, "csrfmiddlewaretoken": self.csrf}), headers
            )
            answer = line.getresponse()
            page = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            line.close()
        return answer.status, answer.headers.get("Location", "") or _order_in(page)


def _order_in(text: str) -> str:
    """Return the address of the order at the Sandbox, if it stands there."""
    found = re.search(r"/sandbox/checkout/\w+", text)
    return found[0] if found else ""


def run(kills: int, *, seed: int = 1, database_url: str = "", folder: Path) -> Report:
    """Kill ``kills`` times, then let the house recover, and report what does not agree."""
    report, house = Report(), House(folder, database_url)
    token, session = _prepared(house)
    askers = [Asker(house, token, report) for _each in range(2)]
    programs: list[Program] = [*askers, *(Buyer(house, token, report, session) for _ in range(2))]
    try:
        house.start()
        for program in programs:
            program.start()
        kill_at_random(house, kills, random.Random(seed), report)
        for program in programs:
            program.enough.set()
        for program in programs:
            program.join(PATIENCE)
        with contextlib.suppress(AssertionError):  # said below, with what it is
            until(lambda: _looked(house, "unfinished") == [], "something does not end")
        report.wrong += _looked(house, "unfinished") + _looked(house, "wrong")
        report.counted = _looked(house, "counted")
    finally:
        for program in programs:
            program.enough.set()
        house.stop()
    return report


def _prepared(house: House) -> tuple[str, str]:
    prepared = house.atrium("prepare")
    assert prepared.returncode == 0, prepared.stderr
    words = ("account", "create", "--username", "load", "--password", "a long password")
    made = house.atrium(*words, "--api-key", "load", "--json")
    assert made.returncode == 0, made.stderr
    money = house.python("bench.money_made")
    assert money.returncode == 0, money.stderr
    return json.loads(made.stdout)["api_key"], money.stdout.split()[-1]


def _looked(house: House, what: str) -> list[str]:
    looked = house.python("bench.look_over_money", what)
    if looked.returncode:
        return [looked.stderr[-1000:]]
    said: list[str] = json.loads(looked.stdout)
    return said


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kills", type=int, nargs="?", default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database-url", default="")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(
            said.kills, seed=said.seed, database_url=said.database_url, folder=Path(folder)
        )
    print(
        f"kills: {dict(report.kills)}, acknowledged {report.acknowledged}, cut off"
        f" {report.cut_off}, {', '.join(report.counted)}, wrong {len(report.wrong)}"
    )
    for line in report.wrong[:20]:
        print(f"  {line}")
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
