from typing import Any

import pytest
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.payments.learning import learn
from atrium.payments.models import GatewaySetting, Payment, Refund, WebhookEvent
from atrium.payments.states import RefundRank, State
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.payments.conftest import Counter, Jar
from tests.payments.knocking import begun, deliver, event_about, standing_of

pytestmark = pytest.mark.django_db
LISTS = ("payment", "refund", "webhookevent")


def staff(*areas: str, **more: Any) -> Client:
    return make.enter(Client(), make.person(staff_areas=list(areas), **more))


@pytest.fixture
def finance(db: None) -> Any:
    return staff("finance", username="fiona")


def paid(alice: User, counter: Counter, **more: Any) -> Payment:
    payment = begun(alice, **more)
    counter.says = standing_of(payment)
    return learn(payment=payment, standing=counter.says, at=kit_clock.now())


def page_of(thing: Any) -> str:
    return f"/console/payments/{thing._meta.model_name}/{thing.pk}/"


def press(client: Client, thing: Any, verb: str, **told: str) -> Any:
    return client.post(f"{page_of(thing)}do/{verb}/", told)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_finance_sees_payments_refunds_and_deliveries_and_support_does_not(
    alice: User, counter: Counter, jar: Jar, finance: Client
) -> None:
    payment = paid(alice, counter)
    deliver(Client(), event_about(payment))
    run_due()
    for name in LISTS:
        assert finance.get(f"/console/payments/{name}/").status_code == 200
        assert staff("support").get(f"/console/payments/{name}/").status_code in {302, 403}
    shown = text(finance.get(f"{page_of(payment)}change/"))
    assert payment.reference in shown
    assert "Pay back" in shown


def test_gateways_are_for_administrators(finance: Client, counter: Counter) -> None:
    assert finance.get("/console/payments/gatewaysetting/").status_code == 403
    admin = make.enter(Client(), make.admin())
    answer = admin.post(
        "/console/payments/gatewaysetting/new/",
        {"slug": "counter", "is_enabled": "on", "order": "3", "currencies": "usd", "keys": ""},
    )
    assert answer.status_code == 302
    row = GatewaySetting.objects.get()
    assert (row.currencies, row.order) == ("USD", 3)
    assert "/webhooks/counter" in text(admin.get("/console/payments/gatewaysetting/"))
    wrong = press(admin, row, "change", order="3", keys="no equals sign")
    assert wrong.status_code == 422
    unknown = press(admin, row, "change", order="3", keys="secret=abc")
    assert unknown.status_code == 422
    assert "abc" not in text(admin.get(f"{page_of(row)}change/"))


def test_finance_has_money_paid_back(
    alice: User, counter: Counter, jar: Jar, finance: Client
) -> None:
    payment = paid(alice, counter)
    form = text(finance.get(f"{page_of(payment)}do/refund/"))
    assert 'value="10.00"' in form
    answer = press(finance, payment, "refund", amount="3.50", reason="They asked.")
    assert answer.status_code == 302
    run_due()
    payment.refresh_from_db()
    assert (payment.state, payment.returned_minor) == (State.PARTLY_REFUNDED, 350)
    assert AuditEntry.objects.filter(action="payments.refund_asked").count() == 1


@pytest.mark.parametrize("amount", ["-1", "0", "1e30", "NaN", "१२", "1,5", "", "10.001", "9" * 30])
def test_an_odd_amount_is_refused_with_a_sentence(
    alice: User, counter: Counter, jar: Jar, finance: Client, amount: str
) -> None:
    payment = paid(alice, counter)
    answer = press(finance, payment, "refund", amount=amount, reason="They asked.")
    assert answer.status_code in {302, 422}
    assert not Refund.objects.exists()


def test_whoever_signed_in_long_ago_is_asked_again_before_money_moves(
    alice: User, counter: Counter, jar: Jar
) -> None:
    payment = paid(alice, counter)
    person = make.person(staff_areas=["finance"], password=make.PASSWORD)
    client = make.enter(Client(), person, ago=kit_clock.now() - kit_clock.now().replace(year=2020))
    answer = press(client, payment, "refund", amount="1", reason="x")
    assert answer.status_code == 302
    assert "/sign-in/again" in answer["Location"]
    assert not Refund.objects.exists()


def test_a_delivery_is_shown_without_what_is_private_and_replayed(
    alice: User, counter: Counter, jar: Jar, finance: Client, clock: Clock
) -> None:
    payment = begun(alice, at=clock.now)
    counter.is_down = True
    deliver(Client(), event_about(payment, email="private@example.org", card="4242424242424242"))
    run_due(at=clock.now)
    event = WebhookEvent.objects.get()
    shown = text(finance.get(f"{page_of(event)}change/"))
    assert payment.reference in shown
    assert "private@example.org" not in shown
    assert "4242" not in shown
    counter.is_down, counter.says = False, standing_of(payment)
    assert press(finance, event, "replay").status_code == 302
    run_due(at=clock.forward(minutes=1))
    event.refresh_from_db()
    payment.refresh_from_db()
    assert (event.state, payment.state) == ("done", State.PAID)
    assert AuditEntry.objects.filter(action="payments.webhook_replayed").count() == 1


def test_a_second_person_lets_a_large_refund_go(
    alice: User, counter: Counter, jar: Jar, finance: Client
) -> None:
    payment = paid(alice, counter, minor=60_000)
    press(finance, payment, "refund", amount="600", reason="They asked.")
    refund = Refund.objects.get()
    assert refund.waits_for_second
    press(finance, refund, "approve")
    run_due()
    refund.refresh_from_db()
    assert refund.rank == RefundRank.ASKED
    press(staff("finance"), refund, "approve")
    run_due()
    refund.refresh_from_db()
    assert refund.rank == RefundRank.DONE


def test_what_does_not_fit_stands_on_the_front_page_and_is_judged(
    alice: User, counter: Counter, jar: Jar, finance: Client
) -> None:
    payment = begun(alice)
    said = standing_of(payment, payer="guest:another")
    counter.says = said
    learn(payment=payment, standing=said, at=kit_clock.now())
    assert "Payments to look at" in text(finance.get("/console/"))
    listed = text(finance.get("/console/payments/payment/?look=yes"))
    assert "look at it" in listed
    press(finance, payment, "take_as_it_is", reason="The same person.")
    run_due()
    payment.refresh_from_db()
    assert payment.state == State.PAID


def test_a_payment_is_found_by_the_reference_that_gateways_write(
    alice: User, bob: User, counter: Counter, jar: Jar, finance: Client
) -> None:
    mine, other = paid(alice, counter), begun(bob)
    shown = text(finance.get(f"/console/payments/payment/?q={mine.reference}"))
    assert str(mine.pk) in shown
    assert str(other.pk) not in shown
