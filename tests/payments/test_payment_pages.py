"""What people see of their payments, and what they can do there."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.kit.money import Money
from atrium.payments.actions import Item, cancel_payment, open_payment
from atrium.payments.gateways.protocol import FormPost, Redirect
from atrium.payments.learning import be_unsure, learn, learn_progress
from atrium.payments.models import Payment
from atrium.payments.states import DisputeFact, DisputeRank, Progress, RefundFact, RefundRank, State
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Counter, Jar
from tests.payments.test_learning import standing_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(alice: User, counter: Counter, jar: Jar) -> Payment:
    item = Item(purpose="jar", title="A jar of ink", amount=Money(1000, "USD"), snapshot={})
    by, now = make.caller(alice), clock.now()
    return open_payment(by=by, item=item, gateway="counter", key="one", at=now)


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    return make.enter(client, alice)


def page_of(client: Client, payment: Payment) -> str:
    answer = client.get(f"/wallet/payments/{payment.pk}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_payment_that_waits_can_be_paid_or_cancelled(hers: Any, payment: Payment) -> None:
    page = page_of(hers, payment)
    assert "A jar of ink" in page
    assert "10.00 USD" in page
    assert "Go on to pay" in page
    assert "Cancel this payment" in page
    assert "every 5s" in page


def test_to_pay_leads_to_the_gateway_by_a_page_that_goes_on_by_itself(
    hers: Any, payment: Payment
) -> None:
    answer = hers.post(f"/wallet/payments/{payment.pk}/checkout")
    url = f"https://counter.example/{payment.reference}"
    assert answer.status_code == 200
    assert f'http-equiv="refresh" content="0;url={url}"' in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "form-action 'self' https://counter.example;" in policy
    assert "counter.example" not in hers.get("/wallet")["Content-Security-Policy"]


def test_a_gateway_here_is_gone_to_at_once(
    hers: Any, payment: Payment, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://testserver/sandbox/checkout/x"
    monkeypatch.setattr(counter, "begin", lambda order: Redirect(url, "x"))
    assert hers.post(f"/wallet/payments/{payment.pk}/checkout")["Location"] == url


def test_a_gateway_that_wants_a_form_gets_one(
    hers: Any, payment: Payment, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = FormPost("https://pay.example:8443/form", {"amount": '10"><b>', "signature": "ab="}, "x")
    monkeypatch.setattr(counter, "begin", lambda order: form)
    answer = hers.post(f"/wallet/payments/{payment.pk}/checkout")
    _before, _action, after = answer.content.decode().partition(
        'action="https://pay.example:8443/form"'
    )
    form_there = after.partition("</form>")[0]
    assert 'name="amount" value="10&quot;&gt;&lt;b&gt;"' in form_there
    assert "csrf" not in form_there
    assert "form-action 'self' https://pay.example:8443;" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a@b.example"])
def test_no_browser_is_sent_to_what_is_no_address(
    hers: Any, payment: Payment, counter: Counter, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr(counter, "begin", lambda order: Redirect(url, "x"))
    with pytest.raises(ValueError, match="address of a gateway"):
        hers.post(f"/wallet/payments/{payment.pk}/checkout")


def test_a_gateway_that_is_down_is_said_and_nothing_is_lost(
    hers: Any, payment: Payment, counter: Counter
) -> None:
    counter.is_down = True
    answer = hers.post(f"/wallet/payments/{payment.pk}/checkout")
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.content.decode()
    counter.is_down = False
    assert hers.post(f"/wallet/payments/{payment.pk}/checkout").status_code == 200


def test_what_is_cancelled_can_still_be_paid_late(hers: Any, payment: Payment, jar: Jar) -> None:
    hers.post(f"/wallet/payments/{payment.pk}/cancel")
    assert "given up" in page_of(hers, payment)
    assert hers.post(f"/wallet/payments/{payment.pk}/cancel").status_code == 302
    over = hers.post(f"/wallet/payments/{payment.pk}/checkout")
    assert over["Location"] == f"/wallet/payments/{payment.pk}"
    learn(payment=payment, standing=standing_of(payment), at=clock.now())
    assert "is yours" in page_of(hers, payment)
    assert jar.done == [("dropped",), ("fulfilled", 1000)]


def test_what_is_under_way_or_paid_cannot_be_cancelled(hers: Any, payment: Payment) -> None:
    learn_progress(payment=payment, progress=Progress.PROCESSING, at=clock.now())
    assert hers.post(f"/wallet/payments/{payment.pk}/cancel").status_code == 409
    learn(payment=payment, standing=standing_of(payment), at=clock.now())
    assert hers.post(f"/wallet/payments/{payment.pk}/cancel").status_code == 409
    payment.refresh_from_db()
    assert payment.state == State.PAID


def test_a_page_that_looks_again_is_left_alone_while_nothing_changed(
    hers: Any, payment: Payment
) -> None:
    payment.refresh_from_db()
    asked = {"headers": {"HX-Request": "true"}}
    address = f"/wallet/payments/{payment.pk}?seen={payment.version}"
    assert hers.get(address, **asked).status_code == 204
    learn(payment=payment, standing=standing_of(payment), at=clock.now())
    answer = hers.get(address, **asked)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()


def test_every_state_has_its_sentence_and_asks_again_while_it_may_change(
    hers: Any, payment: Payment
) -> None:
    def said(sentence: str, *, changes: bool) -> None:
        page = page_of(hers, payment)
        assert sentence in page
        assert ("every 5s" in page) == changes

    now, paid = clock.now(), standing_of(payment)
    be_unsure(payment=payment, at=now)
    said("You need not pay again", changes=True)
    learn_progress(payment=payment, progress=Progress.PROCESSING, at=now)
    said("You may close this page", changes=True)
    learn_progress(payment=payment, progress=Progress.FAILED, why="No money there.", at=now)
    said("nothing was charged. No money there.", changes=False)
    learn(payment=payment, standing=replace(paid, amount_minor=1), at=now)
    said("Being looked at", changes=True)
    learn(payment=payment, standing=paid, at=now)
    Payment.objects.update(needs_look="")
    said("What you paid for is yours", changes=False)
    dispute = DisputeFact("d", 1000, DisputeRank.OPENED)
    learn(payment=payment, standing=replace(paid, disputes=(dispute,)), at=now)
    said("rests until that is decided", changes=True)
    won = replace(dispute, rank=DisputeRank.WON)
    part = RefundFact("r", 300, RefundRank.DONE)
    learn(payment=payment, standing=replace(paid, disputes=(won,), refunds=(part,)), at=now)
    said("3.00 USD went back", changes=False)
    whole = RefundFact("w", 700, RefundRank.DONE)
    learn(payment=payment, standing=replace(paid, refunds=(whole,)), at=now)
    said("All of it went back", changes=False)


@pytest.mark.parametrize("way", ["", "/checkout", "/cancel"])
def test_a_payment_of_somebody_else_is_not_there(
    client: Client, bob: User, payment: Payment, way: str
) -> None:
    address = f"/wallet/payments/{payment.pk}{way}"
    ask = client.post if way else client.get
    assert ask(address).status_code == 404
    make.enter(client, bob)
    assert ask(address).status_code == 404
    assert client.get("/wallet/payments").content.decode().count("A jar of ink") == 0


def test_the_history_has_the_newest_first_and_pages(
    hers: Any, alice: User, counter: Counter, jar: Jar
) -> None:
    for number in range(60):
        item = Item(purpose="jar", title=f"Jar {number}", amount=Money(5, "USD"), snapshot={})
        told: dict[str, Any] = {
            "by": make.caller(alice),
            "item": item,
            "gateway": "counter",
            "at": clock.now(),
        }
        open_payment(key=str(number), **told)
    first = hers.get("/wallet/payments")
    page = first.context["page"]
    assert [one.title for one in page.items[:2]] == ["Jar 59", "Jar 58"]
    rest = hers.get("/wallet/payments", {"after": page.next}).context["page"]
    seen = {one.pk for one in page.items} | {one.pk for one in rest.items}
    assert len(seen) == len(page.items) + len(rest.items)


def test_an_empty_history_says_what_it_is_for(hers: Any) -> None:
    assert "No payments yet" in hers.get("/wallet/payments").content.decode()


def test_cancelling_after_the_way_to_pay_was_switched_off_works(
    hers: Any, alice: User, payment: Payment
) -> None:
    from atrium.payments.gateways import registry  # noqa: PLC0415

    registry.forget("counter")
    assert "switched off" in page_of(hers, payment)
    assert cancel_payment(payment=payment, at=clock.now()).state == State.CANCELLED
