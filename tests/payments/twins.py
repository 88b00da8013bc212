"""Every gateway as it behaves, for the attacks that are tried on all of them.

Who registers a gateway adds its twin: ``test_attacks`` fails until then.
"""

from dataclasses import replace
from typing import Any, Protocol

from atrium.kit import clock
from atrium.payments.gateways.protocol import NoAnswer
from atrium.payments.gateways.sandbox import bank, desk, telling, tricks
from atrium.payments.models import Payment, SandboxOrder
from atrium.payments.states import Progress, RefundFact, RefundRank
from tests.payments import knocking, through_sandbox
from tests.payments.conftest import SIGNATURE, Counter, signature

LIES = ("reference", "amount", "currency", "merchant", "person")


class Twin(Protocol):
    """A gateway from its own side; ``header`` is where it signs."""

    header: str

    def begun(self, who: Any, key: str) -> Payment:
        """A payment for a jar, whose payer is at the gateway."""

    def pay(self, payment: Payment) -> None: ...
    def lie(self, payment: Payment, what: str) -> None:
        """Say, when asked, one of ``LIES`` falsely from now on."""

    def pay_back(self, payment: Payment, minor: int) -> None:
        """Pay back on the gateway's own pages."""

    def break_off_refunds(self, payment: Payment) -> None:
        """Let the next refund happen, and its answer get lost."""

    def paid_back(self, payment: Payment) -> int:
        """Return how much really went back, by the gateway's journal."""

    def delivery(self, payment: Payment, key: str) -> bytes: ...
    def sign(self, raw: bytes) -> str: ...


class CounterTwin:
    header = SIGNATURE

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        counter.refund = self._refund  # type: ignore[method-assign]
        self.breaks = False

    def begun(self, who: Any, key: str) -> Payment:
        payment = knocking.begun(who, key=key)
        self.counter.says = knocking.standing_of(payment, progress=Progress.CREATED)
        return payment

    def pay(self, payment: Payment) -> None:
        told = {"progress": Progress.PAID, "transaction_ref": f"t-{payment.reference}"}
        self._says(reference=payment.reference, **told)

    def lie(self, payment: Payment, what: str) -> None:
        lies: dict[str, dict[str, Any]] = {
            "reference": {"reference": "0" * 32},
            "amount": {"amount_minor": 1},
            "currency": {"currency": "EUR"},
            "merchant": {"merchant": "them"},
            "person": {"payer": "person:somebody"},
        }
        self._says(**lies[what])

    def pay_back(self, payment: Payment, minor: int, key: str = "") -> RefundFact:
        assert self.counter.says
        known = self.counter.says.refunds
        fact = RefundFact(f"r{len(known)}", minor, RefundRank.DONE, key)
        self._says(refunds=(*known, fact))
        return fact

    def break_off_refunds(self, payment: Payment) -> None:
        self.breaks = True

    def paid_back(self, payment: Payment) -> int:
        assert self.counter.says
        return sum(fact.amount_minor for fact in self.counter.says.refunds)

    def delivery(self, payment: Payment, key: str) -> bytes:
        return knocking.event_about(payment, key=key)

    def sign(self, raw: bytes) -> str:
        return signature(raw)

    def _says(self, **told: Any) -> None:
        assert self.counter.says
        self.counter.says = replace(self.counter.says, **told)

    def _refund(self, order: Any, *, amount_minor: int, key: str) -> RefundFact:
        assert self.counter.says
        done = [fact for fact in self.counter.says.refunds if fact.key == key]
        fact = done[0] if done else self.pay_back(order, amount_minor, key)
        if self.breaks:
            self.breaks = False
            raise NoAnswer
        return fact


class SandboxTwin:
    header = telling.HEADER

    def begun(self, who: Any, key: str) -> Payment:
        return through_sandbox.begun(who, key=key)

    def pay(self, payment: Payment) -> None:
        desk.pay(through_sandbox.order_of(payment), at=clock.now())

    def lie(self, payment: Payment, what: str) -> None:
        self._arrange(payment, lie=tricks.Lie(what))

    def pay_back(self, payment: Payment, minor: int) -> None:
        order = through_sandbox.order_of(payment)
        bank.pay_back(order, amount_minor=minor, at=clock.now())

    def break_off_refunds(self, payment: Payment) -> None:
        self._arrange(payment, refunding=SandboxOrder.Refunds.NO_ANSWER)

    def paid_back(self, payment: Payment) -> int:
        refunds = through_sandbox.order_of(payment).refunds.all()
        return sum(one.amount_minor for one in refunds)

    def delivery(self, payment: Payment, key: str) -> bytes:
        order = through_sandbox.order_of(payment)
        told = telling.write_down(order, "order.paid", instead={"id": key}, at=clock.now())
        return told.body.encode()

    def sign(self, raw: bytes) -> str:
        return telling.sign(raw, key=telling._keys()[0], at=clock.now())

    def _arrange(self, payment: Payment, **more: Any) -> None:
        plain = {
            "tells": SandboxOrder.Telling.ONCE,
            "refunding": SandboxOrder.Refunds.WORK,
            "lie": tricks.Lie.NOTHING,
        }
        tricks.arrange(through_sandbox.order_of(payment), **plain | more)
