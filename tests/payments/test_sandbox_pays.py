import pytest

from atrium.kit import clock
from atrium.kit.money import Money
from atrium.payments import checkout
from atrium.payments.actions import Item, open_payment
from atrium.payments.gateways.sandbox import desk
from atrium.payments.models import Payment, SandboxOrder, SavedMethod
from atrium.payments.states import State
from tests import make

pytestmark = pytest.mark.django_db


def begun(who, *, key: str = "one", minor: int = 1000, keep_method: bool = False) -> Payment:
    """Open a payment of ``who`` through the Sandbox, and begin its checkout."""
    item = Item(purpose="jar", title="A jar", amount=Money(minor, "USD"), snapshot={})
    payment = open_payment(
        by=make.caller(who),
        item=item,
        gateway="sandbox",
        key=key,
        keep_method=keep_method,
        at=clock.now(),
    )
    checkout.begin(payment, at=clock.now())
    payment.refresh_from_db()
    return payment


def order_of(payment: Payment) -> SandboxOrder:
    return SandboxOrder.objects.get(reference=payment.reference)


def pressed(client, payment: Payment, button: str, **more):
    address = f"/sandbox/checkout/{payment.gateway_ref}"
    return client.post(address, {"do": button, **more})


def looked_up(payment: Payment) -> Payment:
    return checkout.look_up(payment, at=clock.now())


@pytest.mark.parametrize(
    ("button", "state", "done"),
    [
        ("pay", State.PAID, [("fulfilled", 1000)]),
        ("later", State.PROCESSING, []),
        ("fail", State.FAILED, [("dropped",)]),
        ("cancel", State.CANCELLED, [("dropped",)]),
    ],
)
def test_what_is_pressed_is_what_comes_of_it(client, alice, jar, button, state, done):
    make.enter(client, alice)
    payment = begun(alice)
    page = client.get(f"/sandbox/checkout/{payment.gateway_ref}")
    assert "10.00 USD" in page.content.decode()
    sent_on = pressed(client, payment, button)
    assert sent_on.status_code == 302
    assert sent_on.headers["Location"].endswith(f"/webhooks/sandbox/return/{payment.reference}")
    assert looked_up(payment).state == state
    assert jar.done == done


def test_it_takes_the_money_once(client, alice, jar):
    payment = begun(alice)
    assert desk.pay(order_of(payment), at=clock.now())
    assert not desk.pay(order_of(payment), at=clock.now())
    looked_up(payment)
    assert order_of(payment).charges == 1
    assert jar.done == [("fulfilled", 1000)]


def test_the_same_payment_begun_twice_is_one_order(alice, jar):
    payment = begun(alice)
    where = checkout.begin(payment, at=clock.now())
    assert where.gateway_ref == payment.gateway_ref
    assert SandboxOrder.objects.count() == 1


def test_a_card_that_is_remembered_is_kept_and_charged_again(client, alice, jar):
    make.enter(client, alice)
    payment = begun(alice, keep_method=True)
    pressed(client, payment, "pay", remember="on")
    looked_up(payment)
    method = SavedMethod.objects.get(person=alice)
    item = Item(purpose="jar", title="Once more", amount=Money(500, "USD"), snapshot={})
    again = open_payment(
        by=make.caller(alice), item=item, gateway="sandbox", key="two", at=clock.now()
    )
    assert checkout.charge_again(again, method, at=clock.now()).state == State.PAID
    assert jar.done == [("fulfilled", 1000), ("fulfilled", 500)]


def test_nobody_else_sees_the_checkout(client, alice, bob, jar):
    payment = begun(alice)
    make.enter(client, bob)
    assert client.get(f"/sandbox/checkout/{payment.gateway_ref}").status_code == 404
    assert client.get("/sandbox/checkout/so_1").status_code == 404


def test_switched_off_it_is_not_there(client, alice, jar, settings):
    payment = begun(alice)
    settings.SANDBOX = False
    make.enter(client, alice)
    assert client.get(f"/sandbox/checkout/{payment.gateway_ref}").status_code == 404
    with pytest.raises(checkout.GatewayGone):
        looked_up(payment)
