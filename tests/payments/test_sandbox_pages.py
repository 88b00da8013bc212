from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.payments import billing_clock
from atrium.payments.gateways.sandbox import desk, tricks
from atrium.payments.models import (
    Payment,
    SandboxDelivery,
    SandboxMethod,
    SandboxOrder,
    SandboxWorld,
)
from atrium.payments.states import State
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Jar
from tests.payments.through_sandbox import begun, looked_up, order_of, remembered_card

pytestmark = pytest.mark.django_db
PLAIN = {"tells": "once", "lie": "", "refunding": "work"}


@pytest.fixture
def hers(client: Client, alice: User) -> Any:
    return make.enter(client, alice)


def pressed(client: Client, payment: Payment, button: Any, **more: Any) -> Any:
    address = f"/sandbox/checkout/{payment.gateway_ref}"
    return client.post(address, {"do": button, **more})


def made_happen(client: Client, payment: Payment, button: Any, **more: Any) -> Any:
    return client.post(f"/sandbox/orders/{payment.gateway_ref}", {"do": button, **more})


@pytest.mark.parametrize(
    ("button", "state", "done"),
    [
        ("pay", State.PAID, [("fulfilled", 1000)]),
        ("later", State.PROCESSING, []),
        ("fail", State.FAILED, [("dropped",)]),
        ("cancel", State.CANCELLED, [("dropped",)]),
        ("cancel_and_pay", State.CANCELLED, [("dropped",)]),
        ("forge", State.PENDING, []),
        ("unsigned", State.PENDING, []),
        ("another", State.PENDING, []),
    ],
)
def test_what_is_pressed_is_what_comes_of_it(
    hers: Any, alice: User, jar: Jar, button: Any, state: str, done: Any
) -> None:
    payment = begun(alice)
    page = hers.get(f"/sandbox/checkout/{payment.gateway_ref}")
    assert "10.00 USD" in page.content.decode()
    sent_on = pressed(hers, payment, button, **PLAIN)
    assert sent_on.status_code == 302
    assert sent_on.headers["Location"].endswith(f"/webhooks/sandbox/return/{payment.reference}")
    assert looked_up(payment).state == state
    assert jar.done == done


def test_a_failed_one_can_be_paid_again_and_one_that_is_over_says_so(
    hers: Any, alice: User, jar: Jar
) -> None:
    payment = begun(alice)
    pressed(hers, payment, "fail")
    assert 'value="pay"' in hers.get(f"/sandbox/checkout/{payment.gateway_ref}").content.decode()
    pressed(hers, payment, "pay")
    page = hers.get(f"/sandbox/checkout/{payment.gateway_ref}").content.decode()
    assert 'value="pay"' not in page
    assert payment.reference in page
    assert looked_up(payment).state == State.PAID


def test_a_card_is_remembered_only_if_both_want_it(hers: Any, alice: User, jar: Jar) -> None:
    for asked, ticked in ((False, {"remember": "on"}), (True, {}), (True, {"remember": "on"})):
        payment = begun(alice, keep_method=asked)
        pressed(hers, payment, "pay", **ticked)
        looked_up(payment)
    assert SandboxMethod.objects.count() == 1
    assert SandboxMethod.objects.get().payer == f"person:{alice.pk}"


def test_one_may_stay_and_see_the_journal(hers: Any, alice: User, jar: Jar) -> None:
    payment = begun(alice)
    sent_on = pressed(hers, payment, "pay", **PLAIN | {"tells": "lost"}, stay="on")
    assert sent_on.headers["Location"] == f"/sandbox/orders/{payment.gateway_ref}"
    page = hers.get(f"/sandbox/orders/{payment.gateway_ref}").content.decode()
    assert "order.paid" in page
    assert set(order_of(payment).deliveries.values_list("state", flat=True)) == {"lost"}


def test_money_comes_and_goes_on_request(hers: Any, alice: User, jar: Jar) -> None:
    payment = begun(alice)
    pressed(hers, payment, "later")
    made_happen(hers, payment, "settle")
    assert looked_up(payment).state == State.PAID
    made_happen(hers, payment, "refund", amount="2.50")
    assert looked_up(payment).returned_minor == 250
    made_happen(hers, payment, "refund_all")
    assert looked_up(payment).state == State.REFUNDED
    made_happen(hers, payment, "fail_refunds")
    made_happen(hers, payment, "dispute")
    assert looked_up(payment).frozen_at
    made_happen(hers, payment, "win")
    assert looked_up(payment).state == State.PAID
    assert made_happen(hers, payment, "repeat").status_code == 302


@pytest.mark.parametrize("amount", ["0", "-1", "10.01", "1e30", "NaN", "१२", "1,5", "", "1.001"])
def test_a_part_is_given_back_in_plain_amounts_only(
    hers: Any, alice: User, jar: Jar, amount: int
) -> None:
    payment = begun(alice)
    desk.pay(order_of(payment), at=clock.now())
    assert made_happen(hers, payment, "refund", amount=amount).status_code in {400, 409}
    assert not order_of(payment).refunds.exists()


def test_how_it_behaves_is_chosen_among_what_it_can(hers: Any, alice: User, jar: Jar) -> None:
    payment = begun(alice)
    for lie in tricks.Lie:
        made_happen(hers, payment, "arrange", **PLAIN | {"lie": lie.value})
        assert tricks.lie_of(order_of(payment)) == lie
    for wrong in ({"lie": "x"}, {"tells": ""}, {"refunding": "x"}):
        assert made_happen(hers, payment, "arrange", **PLAIN | wrong).status_code == 422
    assert made_happen(hers, payment, "explode").status_code == 422
    assert pressed(hers, payment, "explode").status_code == 422
    assert hers.post("/sandbox/begins", {"begins": "x"}).status_code == 422


def test_the_clock_is_turned_on_its_page(hers: Any) -> None:
    before = billing_clock.now()
    assert hers.post("/sandbox/clock", {"do": "31d"}).status_code == 302
    assert billing_clock.now() - before >= timedelta(days=31)
    assert "31 days ahead" in hers.get("/sandbox").content.decode()
    hers.post("/sandbox/clock", {"do": "back"})
    assert billing_clock.now() - before < timedelta(days=1)
    assert hers.post("/sandbox/clock", {"do": "1e9d"}).status_code == 422
    assert hers.post("/sandbox/clock", {"do": "next"}).status_code == 422


def test_cards_and_new_orders_are_told_what_to_do(hers: Any, alice: User, jar: Jar) -> None:
    card = SandboxMethod.objects.get(pk=remembered_card(alice).reference)
    assert card.label in hers.get("/sandbox").content.decode()
    hers.post(f"/sandbox/cards/{card.pk}", {"next_charge": "declines"})
    hers.post("/sandbox/begins", {"begins": "down"})
    card.refresh_from_db()
    assert card.next_charge == SandboxMethod.Next.DECLINES
    assert SandboxWorld.objects.get().begins == SandboxWorld.Begins.DOWN


def test_nobody_else_sees_an_order_but_who_looks_after_the_money(
    client: Client, alice: User, bob: User, jar: Jar
) -> None:
    payment = begun(alice)
    card = remembered_card(alice)
    pages = [f"/sandbox/{kind}/{payment.gateway_ref}" for kind in ("checkout", "orders")]
    make.enter(client, bob)
    for address in (*pages, "/sandbox/checkout/so_1", "/sandbox/orders/x"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"do": "pay"}).status_code == 404
    assert client.post(f"/sandbox/cards/{card.reference}", {}).status_code == 404
    assert payment.gateway_ref not in client.get("/sandbox").content.decode()
    make.enter(client, make.person(username="fin", staff_areas=["finance"]))
    for address in (*pages, "/sandbox"):
        assert "A jar of honey" in client.get(address).content.decode()


def test_a_guest_sees_what_it_ordered(client: Client, jar: Jar) -> None:
    guest = make.guest()
    payment = begun(guest)
    assert SandboxOrder.objects.visible_to(make.caller(guest)).get() == order_of(payment)
    assert not SandboxOrder.objects.visible_to(make.caller(make.guest())).exists()
    assert not SandboxDelivery.objects.exists()
