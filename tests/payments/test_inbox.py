import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.kit import clock as kit_clock
from atrium.kit.limits import LIMITS
from atrium.ledger.models import Entry
from atrium.payments.actions import inbox
from atrium.payments.models import Inbox, Payment, WebhookEvent
from atrium.payments.states import State
from atrium.people.models import User
from atrium.web.guard import body_limit
from tests import make
from tests.conftest import Clock
from tests.payments.conftest import Counter, Jar
from tests.payments.knocking import a_payment, begun, deliver, event_about, standing_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Any:
    return Client(enforce_csrf_checks=True)


def state_of(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.state


def test_what_is_delivered_is_kept_and_followed_by_asking(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    answer = deliver(client, event_about(payment))
    assert answer.status_code == 200
    assert WebhookEvent.objects.get().state == WebhookEvent.State.NEW
    assert state_of(payment) == State.PENDING
    run_due()
    assert state_of(payment) == State.PAID
    event = WebhookEvent.objects.get()
    assert (event.state, event.payment, event.attempts) == (WebhookEvent.State.DONE, payment, 1)
    assert jar.done == [("fulfilled", 1000)]


def test_a_repeated_delivery_is_one_row_and_one_effect(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    for _time in range(3):
        assert deliver(client, event_about(payment)).status_code == 200
        run_due()
    assert WebhookEvent.objects.count() == 1
    assert jar.done == [("fulfilled", 1000)]


def test_many_deliveries_ring_once_and_ask_once_about_each_payment(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    for number in range(5):
        deliver(client, event_about(payment, key=f"e{number}"))
    assert Job.objects.filter(name="payments.take_deliveries").count() == 1
    run_due()
    assert WebhookEvent.objects.filter(state=WebhookEvent.State.DONE).count() == 5
    assert counter.looks == 1
    deliver(client, event_about(payment, key="later"))
    assert Job.objects.filter(name="payments.take_deliveries").count() == 2


def test_a_forged_delivery_is_kept_as_such_and_has_no_effect(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    answer = deliver(client, event_about(payment), signed="0" * 64)
    assert answer.status_code == 400
    event = WebhookEvent.objects.get()
    assert (event.is_signed, event.state) == (False, WebhookEvent.State.FORGED)
    run_due()
    assert counter.looks == 0
    assert state_of(payment) == State.PENDING
    assert not Entry.objects.exists()


def test_a_flood_of_forged_deliveries_makes_no_table(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    for number in range(60):
        raw = event_about(payment, key=f"e{number}")
        assert deliver(client, raw, signed="nothing").status_code == 400
    assert WebhookEvent.objects.count() == 20


def test_who_forges_first_does_not_keep_the_real_one_out(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    deliver(client, event_about(payment), signed="nothing")
    assert deliver(client, event_about(payment)).status_code == 200
    run_due()
    assert state_of(payment) == State.PAID


def test_an_unknown_type_is_politely_ignored(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    answer = deliver(client, event_about(a_payment(alice), kind="odd.thing"))
    assert answer.status_code == 200
    assert WebhookEvent.objects.get().state == WebhookEvent.State.IGNORED
    assert not Job.objects.filter(name="payments.take_deliveries").exists()


def test_a_gateway_that_is_not_there_has_no_address(client: Client) -> None:
    assert client.post("/webhooks/nobody", b"{}", content_type="text/plain").status_code == 404
    assert not WebhookEvent.objects.exists()


def test_nothing_else_may_be_asked_there(counter: Counter, client: Client) -> None:
    assert client.get("/webhooks/counter").status_code == 405


def test_a_delivery_costs_two_statements(
    alice: User, counter: Counter, jar: Jar, client: Client, django_assert_num_queries: Any
) -> None:
    payment = begun(alice)
    deliver(client, event_about(payment))
    with django_assert_num_queries(2):  # one row, and whether the bell was rung
        deliver(client, event_about(payment, key="e2"))


def test_of_a_silent_gateway_nothing_is_lost(
    alice: User, counter: Counter, jar: Jar, client: Client, clock: Clock
) -> None:
    payment = begun(alice)
    counter.is_down = True
    deliver(client, event_about(payment))
    run_due()
    event = WebhookEvent.objects.get()
    assert (event.state, event.attempts) == (WebhookEvent.State.NEW, 1)
    assert event.error
    counter.is_down, counter.says = False, standing_of(payment)
    inbox.take_deliveries(at=clock.forward(minutes=5))
    assert state_of(payment) == State.PAID
    assert WebhookEvent.objects.get().error == ""


def test_a_delivery_is_given_up_after_its_last_try(
    alice: User, counter: Counter, jar: Jar, client: Client, clock: Clock
) -> None:
    payment = begun(alice)
    counter.is_down = True
    deliver(client, event_about(payment))
    for _day in range(10):
        inbox.take_deliveries(at=clock.forward(days=1))
    event = WebhookEvent.objects.get()
    assert (event.state, event.attempts) == (WebhookEvent.State.FAILED, inbox.MOST_ATTEMPTS)
    assert state_of(payment) == State.PENDING


def test_what_nobody_here_ordered_is_ignored_after_some_looks(
    counter: Counter, jar: Jar, client: Client, clock: Clock
) -> None:
    raw = json.dumps({"id": "e", "type": "paid", "reference": "ab" * 16}).encode()
    deliver(client, raw)
    for _hour in range(4):
        inbox.take_deliveries(at=clock.forward(hours=1))
    assert WebhookEvent.objects.get().state == WebhookEvent.State.IGNORED


def test_one_that_breaks_does_not_stand_before_the_others(
    alice: User, bob: User, counter: Counter, jar: Jar, client: Client
) -> None:
    broken, whole = begun(alice), begun(bob)
    Payment.objects.filter(pk=broken.pk).update(purpose="gone")
    counter.says = standing_of(whole)
    deliver(client, event_about(broken, key="a"))
    deliver(client, event_about(whole, key="b"))
    answers = lambda order: standing_of(Payment.objects.get(pk=order.reference))  # noqa: E731
    counter.look_up = answers  # type: ignore[method-assign]
    run_due()
    assert state_of(whole) == State.PAID
    assert WebhookEvent.objects.get(event_key="a").error == "KeyError"


def test_a_process_that_died_with_a_delivery_gives_it_back(
    alice: User, counter: Counter, jar: Jar, client: Client, clock: Clock
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    deliver(client, event_about(payment))
    WebhookEvent.objects.update(attempts=1, next_at=clock.now + timedelta(minutes=2))
    Inbox.objects.update(is_rung=True)
    inbox.take_deliveries(at=clock.now)
    assert state_of(payment) == State.PENDING
    inbox.take_deliveries(at=clock.forward(minutes=3))
    assert state_of(payment) == State.PAID


def test_staff_replay_what_was_signed(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    deliver(client, event_about(payment))
    WebhookEvent.objects.update(state=WebhookEvent.State.FAILED, attempts=8)
    inbox.replay(event=WebhookEvent.objects.get(), by=make.caller(make.admin()), at=kit_clock.now())
    run_due()
    assert state_of(payment) == State.PAID


def test_nobody_lends_a_forged_one_a_signature(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    deliver(client, event_about(begun(alice)), signed="nothing")
    with pytest.raises(inbox.NotAgain):
        inbox.replay(
            event=WebhookEvent.objects.get(), by=make.caller(make.admin()), at=kit_clock.now()
        )


def test_what_is_too_large_is_not_read() -> None:
    assert body_limit("/webhooks/counter") == LIMITS.webhook_bytes == 256_000


def test_old_deliveries_are_deleted_and_waiting_ones_are_not(
    alice: User, counter: Counter, jar: Jar, client: Client, clock: Clock
) -> None:
    payment = begun(alice)
    deliver(client, event_about(payment, key="old", kind="odd"))
    deliver(client, event_about(payment, key="waits"))
    inbox.forget_deliveries(before=clock.forward(days=100))
    assert [event.event_key for event in WebhookEvent.objects.all()] == ["waits"]


def test_who_comes_back_is_led_to_the_payment_which_is_looked_up(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    counter.says = standing_of(payment)
    for ask in (client.get, client.post):
        answer = ask(f"/webhooks/counter/return/{payment.reference}?status=paid")
        assert answer.status_code == 303
        assert answer["Location"] == f"/wallet/payments/{payment.pk}"
    assert Job.objects.filter(name="payments.look_up").count() <= 2
    run_due()
    assert state_of(payment) == State.PAID


def test_a_return_says_nothing_by_itself(
    alice: User, counter: Counter, jar: Jar, client: Client
) -> None:
    payment = begun(alice)
    client.get(f"/webhooks/counter/return/{payment.reference}?status=Completed&pidx=1")
    run_due()
    assert state_of(payment) == State.PENDING
    assert client.get("/webhooks/counter/return/nonsense").status_code == 404
    assert client.get(f"/webhooks/other/return/{payment.reference}").status_code == 404
