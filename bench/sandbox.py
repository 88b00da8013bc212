"""A thousand guests' payments through the Sandbox's pages over HTTP, one in twenty misbehaving.

Each flow is what a browser does: the page on which credits are bought, the checkout, the way back.
Afterwards what the Sandbox charged must equal what we call paid, and that must equal what was
given, row by row and in sum. ``python -m bench.sandbox`` on SQLite, ``--on postgresql`` there.
"""

import argparse
import http.client
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.kills import House
from tests.house.servers import postgres

FLOWS_A_GUEST = 30
PATIENCE = 1200  # a worker may have to catch up with a thousand deliveries
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_FIELD = re.compile(r'<input type="hidden" name="(currency|key|rate)" value="([^"]*)"')
_PLAIN = {"tells": "once", "lie": "", "refunding": "work"}


class Odd(AssertionError):
    """A page did not answer as a browser could have gone on with."""


@dataclass
class Page:
    status: int
    text: str
    goes_to: str

    @property
    def token(self) -> str:
        return self.found(_TOKEN)

    def found(self, pattern: re.Pattern[str]) -> str:
        there = pattern.search(self.text)
        if there is None:
            raise Odd(f"{self.status} without {pattern.pattern}: {self.text[:300]}")
        return there[1]


class Buyer:
    """A guest's browser: cookies, forms, and one line at a time."""

    def __init__(self, port: int, number: int) -> None:
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.line = http.client.HTTPConnection("localhost", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, address: str, form: dict[str, str] | None = None) -> Page:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {
            "Cookie": "; ".join(f"{name}={one}" for name, one in self.cookies.items()),
            "X-Forwarded-For": self.address,
        }
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, urlencode(form) if form else None, headers)
        answer = self.line.getresponse()
        text = answer.read().decode()
        for set_cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = set_cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Page(answer.status, text, answer.headers.get("Location", ""))

    def press(self, address: str, page: Page, **form: str) -> Page:
        return self.ask("POST", address, {"csrfmiddlewaretoken": page.token, **form})

    def at_checkout(self, dollars: int) -> str:
        """Choose an amount, and return the address of the checkout that the browser is sent to."""
        page = self.ask("GET", "/wallet/buy")
        hidden = dict(_FIELD.findall(page.text))
        told = {**hidden, "choice": "amount", "amount": str(dollars), "gateway": "sandbox"}
        sent = self.press("/wallet/buy", page, do="pay", **told)
        for _time in range(5):
            if "/sandbox/checkout/" in sent.goes_to:
                return urlsplit(sent.goes_to).path
            if "/wallet/payments/" not in sent.goes_to:
                raise Odd(f"{sent.status} {sent.goes_to} {sent.text[:300]}")
            # The Sandbox broke off; the payment stands, and its page says how to go on.
            payment = urlsplit(sent.goes_to).path
            sent = self.press(f"{payment}/checkout", page)
        raise Odd("no checkout after five tries")

    def end(
        self, checkout: str, button: str, choices: dict[str, str], *, comes_back: bool = True
    ) -> None:
        """Press a button of the checkout, and go where it leads."""
        page = self.ask("GET", checkout)
        arranged = _PLAIN | choices if choices else {}
        sent = self.press(checkout, page, do=button, **arranged)
        if sent.status != 302:
            raise Odd(f"{button}: {sent.status} {sent.text[:300]}")
        if comes_back and self.ask("GET", sent.goes_to).status != 303:
            raise Odd(f"no way back by {sent.goes_to}")

    def later(self, checkout: str, *buttons: str, **form: str) -> None:
        """Press buttons on the order's own page, after it is paid."""
        order = checkout.replace("/checkout/", "/orders/")
        page = self.ask("GET", order)
        for button in buttons:
            sent = self.press(order, page, do=button, **form)
            if sent.status not in {302, 409}:
                raise Odd(f"{button}: {sent.status} {sent.text[:300]}")


def _choosing(**choices: str) -> Callable[[Buyer, str], None]:
    return lambda buyer, checkout: buyer.end(checkout, "pay", choices)


def _paid_and_then(*buttons: str, **form: str) -> Callable[[Buyer, str], None]:
    def behave(buyer: Buyer, checkout: str) -> None:
        buyer.end(checkout, "pay", {})
        buyer.later(checkout, *buttons, **form)

    return behave


def _instead(button: str) -> Callable[[Buyer, str], None]:
    return lambda buyer, checkout: buyer.end(checkout, button, _PLAIN)


def _lost(buyer: Buyer, checkout: str) -> None:
    buyer.end(checkout, "pay", {"tells": "lost"}, comes_back=False)


def _no_answer(buyer: Buyer, checkout: str) -> None:
    """Pay, and have the next order, whoever's it is, be begun without an answer."""
    buyer.end(checkout, "pay", {})
    page = buyer.ask("GET", "/sandbox")
    buyer.press("/sandbox/begins", page, begins="no_answer")


MISBEHAVIOUR: dict[str, Callable[[Buyer, str], None]] = {
    "doubled": _choosing(tells="doubled"),
    "shuffled": _choosing(tells="shuffled"),
    "lost": _lost,
    **{
        f"lies: {lie}": _choosing(lie=lie)
        for lie in ("reference", "amount", "currency", "merchant", "person", "transaction")
    },
    "forged": _instead("forge"),
    "unsigned": _instead("unsigned"),
    "another's": _instead("another"),
    "late": _instead("cancel_and_pay"),
    "repeated": _paid_and_then("repeat", "repeat"),
    "partly back": _paid_and_then("refund", amount="0.40"),
    "all back": _paid_and_then("refund_all"),
    "back after all": _paid_and_then("refund_all", "fail_refunds"),
    "dispute lost": _paid_and_then("dispute", "lose"),
    "dispute won": _paid_and_then("dispute", "win"),
    "no answer": _no_answer,
}


@dataclass
class Tally:
    """What was done, and what went otherwise than a browser could bear."""

    share: float
    left: int
    done: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def note(self, name: str) -> None:
        with self.lock:
            self.done[name] += 1


def buy_on(port: int, tally: Tally, seed: int) -> None:
    """Buy again and again, as one guest and then as another, until all flows are through."""
    told, buyer = random.Random(seed), Buyer(port, seed)
    bag: list[str] = []
    flows = 0
    while tally.next():
        flows += 1
        if flows % FLOWS_A_GUEST == 0:  # nobody may open payments without end
            buyer.line.close()
            buyer = Buyer(port, seed + flows * 1000)
        name = "?"
        try:
            checkout = buyer.at_checkout(told.randint(1, 20))
            if told.random() < tally.share:
                if not bag:  # each kind comes before one comes again
                    bag = told.sample(list(MISBEHAVIOUR), len(MISBEHAVIOUR))
                name = bag.pop()
                MISBEHAVIOUR[name](buyer, checkout)
            else:
                name = told.choices(["pay", "later", "fail", "cancel"], [88, 4, 4, 4])[0]
                buyer.end(checkout, name, {})
            tally.note(name)
        except (Odd, OSError, http.client.HTTPException) as trouble:
            with tally.lock:
                tally.odd.append(f"{name}: {trouble}")
            buyer.line.close()
    buyer.line.close()


def run(house: House, args: argparse.Namespace) -> bool:
    tally = Tally(share=args.share, left=args.flows)
    began = time.perf_counter()
    buyers = [
        threading.Thread(target=buy_on, args=(house.port, tally, args.seed + number))
        for number in range(args.buyers)
    ]
    for one in buyers:
        one.start()
    for one in buyers:
        one.join()
    took = time.perf_counter() - began
    bad = sum(count for name, count in tally.done.items() if name in MISBEHAVIOUR)
    print(
        f"{sum(tally.done.values())} flows, {args.buyers} at once, in {took:.0f} s"
        f" ({sum(tally.done.values()) / took:.1f} /s), {bad} misbehaved:"
        f" {', '.join(f'{name} {count}' for name, count in sorted(tally.done.items()))}",
        flush=True,
    )
    for said in tally.odd[:10]:
        print(f"odd: {said}")
    give_up = time.monotonic() + PATIENCE
    while house.python("bench.sandbox_counted", "waits").returncode:
        assert time.monotonic() < give_up, "something is still on its way"
        time.sleep(2)
    counted = house.python("bench.sandbox_counted", "compare")
    print(counted.stdout, counted.stderr, flush=True)
    return counted.returncode == 0 and not tally.odd


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=int, default=1000)
    parser.add_argument("--buyers", type=int, default=6)
    parser.add_argument("--share", type=float, default=0.05, help="of flows that misbehave")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], default="sqlite")
    args = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        url = ""
        if args.on == "postgresql":
            plain = stack.enter_context(postgres(folder / "pg"))
            url = plain.replace("/atrium?", "/postgres?").replace("pool=off", "pool=on")
        (folder / "data").mkdir()
        house = House(folder / "data", url)
        house.environment["ATRIUM_TRUSTED_PROXIES"] = "1"  # each guest comes from elsewhere
        prepared = house.atrium("prepare")
        assert prepared.returncode == 0, prepared.stderr + prepared.stdout
        house.start()
        stack.callback(house.stop)
        print(f"on {args.on}", flush=True)
        return 0 if run(house, args) else 1


if __name__ == "__main__":
    sys.exit(main())
