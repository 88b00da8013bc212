import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping

import pytest

from atrium.payments import purposes
from atrium.payments.gateways import registry
from atrium.payments.gateways.protocol import (
    Declined,
    Delivery,
    Forged,
    Hint,
    NoAnswer,
    Order,
    Redirect,
    Standing,
)
from atrium.payments.models import Payment
from atrium.payments.states import RefundFact, RefundRank

SIGNATURE = "Counter-Signature"
_KEY = b"the counter's own"


def signature(raw: bytes) -> str:
    """Return what the counter sends along with these bytes."""
    return hmac.new(_KEY, raw, hashlib.sha256).hexdigest()


class Counter:
    """A gateway whose every answer a test writes down beforehand."""

    slug = "counter"
    title = "Counter"
    currencies = frozenset({"USD", "EUR"})
    can_refund = True
    can_charge_again = True
    merchant = "us"

    def __init__(self) -> None:
        self.says: Standing | None = None
        self.is_down = False
        self.declines = ""
        self.charges: list[str] = []
        self.refunds: list[tuple[str, int]] = []
        self.looks = 0
        self.refund_rank = RefundRank.DONE

    def begin(self, order: Order) -> Redirect:
        self._answer()
        return Redirect(f"https://counter.example/{order.reference}", f"c-{order.reference}")

    def look_up(self, order: Order) -> Standing | None:
        self.looks += 1
        self._answer()
        return self.says

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> Delivery:
        if not hmac.compare_digest(signature(raw).encode(), headers.get(SIGNATURE, "").encode()):
            raise Forged
        told = json.loads(raw)
        hints = () if told["type"].startswith("odd") else (Hint(reference=told["reference"]),)
        return Delivery(told["id"], told["type"], hints)

    def refund(self, order: Order, *, amount_minor: int, key: str) -> RefundFact:
        self._answer()
        self.refunds.append((key, amount_minor))
        return RefundFact(f"r-{key}", amount_minor, self.refund_rank, key)

    def charge_again(self, order: Order, *, method: str) -> Standing:
        self.charges.append(order.reference)
        self._answer()
        assert self.says
        return self.says

    def _answer(self) -> None:
        if self.is_down:
            raise NoAnswer
        if self.declines:
            raise Declined(self.declines)


class Jar(purposes.Purpose):
    """Something to pay for that writes down what is done about it."""

    kind = "jar"
    title = "A jar"

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    def fulfil(self, payment: Payment, *, at: object) -> None:
        self.done.append(("fulfilled", payment.amount_minor))

    def reverse(self, payment: Payment, returned: purposes.Returned, *, at: object) -> None:
        self.done.append(("reversed", returned.before, returned.now))

    def freeze(self, payment: Payment, *, at: object) -> None:
        self.done.append(("frozen",))

    def thaw(self, payment: Payment, *, at: object) -> None:
        self.done.append(("thawed",))

    def drop(self, payment: Payment, *, at: object) -> None:
        self.done.append(("dropped",))


@pytest.fixture
def counter() -> Iterator[Counter]:
    gateway = Counter()
    registry.register("counter", lambda: gateway)
    yield gateway
    registry.forget("counter")


@pytest.fixture
def jar() -> Iterator[Jar]:
    jar = Jar()
    purposes.register(jar)
    yield jar
    purposes.forget("jar")
