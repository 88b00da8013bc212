"""Attacks 2 to 6 on every gateway that is registered (see ``twins``)."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.ledger.actions import grant, hold, settle
from atrium.ledger.models import Entry
from atrium.ledger.queries import balance_of, first_difference, owed_by
from atrium.notifications.models import Notification
from atrium.payments import checkout, purposes
from atrium.payments.actions import ask_refund, inbox, reconciling
from atrium.payments.actions.refunds import send_refund
from atrium.payments.gateways import registry
from atrium.payments.models import Payment, Refund, WebhookEvent
from atrium.payments.states import RefundRank, State
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Counter
from tests.payments.through_sandbox import Pot
from tests.payments.twins import LIES, CounterTwin, SandboxTwin

pytestmark = pytest.mark.django_db
GATEWAYS = sorted({"counter", *registry.slugs()})


@pytest.fixture(params=GATEWAYS)
def slug(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def twin(slug: str, counter: Counter) -> Any:
    twins = {"counter": lambda: CounterTwin(counter), "sandbox": SandboxTwin}
    assert slug in twins, f"{slug} needs a twin, so that it is attacked, too"
    return twins[slug]()


@pytest.fixture
def pot() -> Iterator[Any]:
    pot = Pot()
    purposes.register(pot)
    yield pot
    purposes.forget("jar")


@pytest.fixture
def finance(db: None) -> Any:
    return make.person(username="fiona", staff_areas=["finance"])


def knock(slug: str, raw: bytes, **headers: str) -> int:
    sent = Client().post(f"/webhooks/{slug}", raw, content_type="application/json", headers=headers)
    return sent.status_code


def follow() -> None:
    inbox.take_deliveries(at=clock.now())


def stands(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.state


# 2: forged

FORGED: dict[str, Any] = {
    "no signature": lambda raw, sign: (raw, None),
    "an empty one": lambda raw, sign: (raw, ""),
    "that of other bytes": lambda raw, sign: (raw, sign(b"{}")),
    "one byte more": lambda raw, sign: (raw + b" ", sign(raw)),
    "written anew": lambda raw, sign: (json.dumps(json.loads(raw), indent=1).encode(), sign(raw)),
    "in gzip": lambda raw, sign: (gzip.compress(raw), sign(raw)),
    "two of them": lambda raw, sign: (raw, f"{sign(b'{}')},{sign(b'[]')}"),
    "in other letters": lambda raw, sign: (raw, "пiдпис १२ " + "é" * 64),
    "another gateway's": lambda raw, sign: (raw, "t=1,v1=" + "a" * 64),
    "a changed one": lambda raw, sign: (raw, _changed(sign(raw))),
    "very long": lambda raw, sign: (raw, "9" * 4000),
}


def _changed(text: str) -> str:
    last = "0" if text[-1] != "0" else "1"
    return text[:-1] + last


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_delivery_changes_nothing(
    slug: str, twin: Any, pot: Any, alice: User, how: str
) -> None:
    payment = twin.begun(alice, "one")
    twin.pay(payment)
    raw, given = FORGED[how](twin.delivery(payment, "e1"), twin.sign)
    headers = {} if given is None else {twin.header: given.encode().decode("latin-1")}
    assert knock(slug, raw, **headers) == 400
    follow()
    assert not WebhookEvent.objects.filter(is_signed=True).exists()
    assert (stands(payment), Entry.objects.count()) == (State.PENDING, 0)


# 3: doubled, late, lost


def test_a_doubled_delivery_gives_once(slug: str, twin: Any, pot: Any, alice: User) -> None:
    payment = twin.begun(alice, "one")
    twin.pay(payment)
    raw = twin.delivery(payment, "e1")
    for _time in range(3):
        assert knock(slug, raw, **{twin.header: twin.sign(raw)}) == 200
        follow()
    other = twin.delivery(payment, "e2")
    assert knock(slug, other, **{twin.header: twin.sign(other)}) == 200
    follow()
    assert WebhookEvent.objects.count() == 2
    assert (stands(payment), balance_of(payment.audience)) == (State.PAID, 1000)


def test_what_came_before_it_was_paid_is_no_money(
    slug: str, twin: Any, pot: Any, alice: User
) -> None:
    payment = twin.begun(alice, "one")
    raw = twin.delivery(payment, "e1")
    assert knock(slug, raw, **{twin.header: twin.sign(raw)}) == 200
    follow()
    assert (stands(payment), balance_of(payment.audience)) == (State.PENDING, 0)


def test_a_lost_delivery_is_found_by_asking(slug: str, twin: Any, pot: Any, alice: User) -> None:
    payment = twin.begun(alice, "one")
    twin.pay(payment)
    Payment.objects.update(look_next_at=clock.now())
    reconciling.look_at_due(at=clock.now())
    assert (stands(payment), balance_of(payment.audience)) == (State.PAID, 1000)


# 4: altered


@pytest.mark.parametrize("what", LIES)
def test_what_does_not_equal_our_order_gives_nothing(
    slug: str, twin: Any, pot: Any, alice: User, finance: User, what: str
) -> None:
    payment = twin.begun(alice, "one")
    twin.pay(payment)
    raw = twin.delivery(payment, "e1")
    twin.lie(payment, what)
    assert knock(slug, raw, **{twin.header: twin.sign(raw)}) == 200
    follow()
    reconciling.look_at(payment=payment, at=clock.now())
    assert stands(payment) == State.PENDING
    assert payment.needs_look == what
    assert not Entry.objects.exists()
    assert Notification.objects.filter(person=finance, kind="payments.needs_look").count() == 1


def test_a_payment_of_ones_own_does_not_pay_for_anothers(
    slug: str, twin: Any, pot: Any, alice: User, bob: User
) -> None:
    cheap, dear = twin.begun(alice, "cheap"), twin.begun(bob, "dear")
    if slug == "counter":
        twin.begun(alice, "cheap")  # what it says is about this one
    twin.pay(cheap)
    Payment.objects.filter(pk=cheap.pk).update(gateway_ref="", transaction_ref="")
    Payment.objects.filter(pk=dear.pk).update(gateway_ref=cheap.gateway_ref or "stolen")
    checkout.look_up(Payment.objects.get(pk=dear.pk), at=clock.now())
    assert stands(dear) == State.PENDING
    assert balance_of(dear.audience) == 0


# 5: back after it was spent


def test_what_was_spent_and_goes_back_is_owed(slug: str, twin: Any, pot: Any, alice: User) -> None:
    payment = twin.begun(alice, "one")
    twin.pay(payment)
    checkout.look_up(payment, at=clock.now())
    spent = hold(
        holder=payment.audience, amount=700, kind="test", key="call", deadline=clock.now(),
        at=clock.now(),
    )  # fmt: skip
    settle(held=spent, amount=700, at=clock.now())
    twin.pay_back(payment, 400)
    checkout.look_up(payment, at=clock.now())
    assert (stands(payment), owed_by(payment.audience)) == (State.PARTLY_REFUNDED, 100)
    twin.pay_back(payment, 600)
    for _time in range(2):
        checkout.look_up(payment, at=clock.now())
    assert (stands(payment), owed_by(payment.audience)) == (State.REFUNDED, 700)
    assert balance_of(payment.audience) == 0
    grant(holder=payment.audience, amount=1000, key="more", kind="test", at=clock.now())
    assert (balance_of(payment.audience), owed_by(payment.audience)) == (300, 0)
    assert first_difference() is None


# 6: the effect without its answer


def test_a_refund_whose_answer_was_lost_happens_once(
    slug: str, twin: Any, pot: Any, alice: User, finance: User
) -> None:
    payment = twin.begun(alice, "one")
    twin.pay(payment)
    payment = checkout.look_up(payment, at=clock.now())
    twin.break_off_refunds(payment)
    refund = ask_refund(
        payment=payment, amount_minor=300, by=make.caller(finance), reason="x", at=clock.now()
    )
    again = send_refund(refund=refund, at=clock.now())
    refund = Refund.objects.get(pk=refund.pk)
    assert (refund.rank, refund.tries) == (RefundRank.ASKED, 1)
    assert again
    assert send_refund(refund=refund, at=clock.now()) is None
    assert Refund.objects.get(pk=refund.pk).rank == RefundRank.DONE
    assert twin.paid_back(payment) == 300
    assert (stands(payment), balance_of(payment.audience)) == (State.PARTLY_REFUNDED, 700)
