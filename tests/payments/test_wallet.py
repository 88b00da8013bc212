"""The wallet says what is somebody's, what is not theirs to spend, and what can be done."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.kit.money import Money
from atrium.ledger import actions as ledger
from atrium.options.actions import set_option
from atrium.payments import wallet_cards
from atrium.payments.actions import Item, open_payment
from atrium.payments.models import Payment
from atrium.payments.wallet_cards import Card
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Counter, Jar
from tests.payments.paying import paid

pytestmark = pytest.mark.django_db


def wallet_of(client: Client) -> str:
    answer = client.get("/wallet")
    assert answer.status_code == 200
    return answer.content.decode()


def give(who: User, amount: int, key: str = "gift") -> str:
    holder = make.caller(who).audience
    ledger.grant(holder=holder, amount=amount, key=key, kind="adjustment", at=clock.now())
    return holder


def test_an_empty_wallet_says_what_it_is_for(client: Client, alice: User) -> None:
    page = wallet_of(make.enter(client, alice))
    assert '<dd class="figure gold">0.00</dd>' in page
    assert "Credits pay for" in page or "Buy" not in page
    assert "a line is written here" in page
    assert "You owe" not in page


def test_a_guest_has_a_wallet_and_is_told_where_it_is_kept(client: Client) -> None:
    page = wallet_of(client)
    assert "You are a guest" in page
    assert client.cookies


def test_what_is_held_frozen_and_owed_is_said(client: Client, alice: User) -> None:
    holder, now = give(alice, 10 * MICRO + 9_999), clock.now()
    ledger.freeze(holder=holder, amount=2 * MICRO, key="f", at=now, about=None)
    page = wallet_of(make.enter(client, alice))
    assert '<dd class="figure gold">8.00</dd>' in page  # rounded down
    assert "Frozen while a dispute runs" in page
    ledger.take_back(holder=holder, amount=20 * MICRO, key="t", kind="refund", at=now)
    page = wallet_of(client)
    assert '<dd class="figure owed">12.00</dd>' in page  # rounded up from 11.99 and a little
    assert "pay for them first" in page


def test_payments_under_way_stand_in_the_wallet_until_they_are_over(
    client: Client, alice: User, counter: Counter, jar: Jar
) -> None:
    item = Item(purpose="jar", title="A jar of ink", amount=Money(1000, "USD"), snapshot={})
    by, now = make.caller(alice), clock.now()
    payment = open_payment(by=by, item=item, gateway="counter", key="one", at=now)
    make.enter(client, alice)
    assert "Payments under way" in wallet_of(client)
    client.post(f"/wallet/payments/{payment.pk}/cancel")
    assert "Payments under way" not in wallet_of(client)


def test_the_newest_lines_stand_there_with_what_is_left(client: Client, alice: User) -> None:
    for number in range(8):
        give(alice, MICRO, key=f"gift {number}")
    page = wallet_of(make.enter(client, alice))
    assert page.count('<li id="line-') == 6
    assert page.index("8.00") < page.index("3.00")


def test_a_line_that_came_of_a_payment_says_how_and_by_which_receipt(
    client: Client, alice: User, counter: Counter, jar: Jar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fulfil(payment: Payment, *, at: datetime) -> None:
        about = ("payment", payment.pk)
        told: dict[str, Any] = {"amount": MICRO, "kind": "bought", "at": at, "about": about}
        ledger.grant(holder=payment.audience, key=f"{payment.effect_key}:jar", **told)

    monkeypatch.setattr(jar, "fulfil", fulfil)
    receipt = paid(alice).receipts.get()
    page = wallet_of(make.enter(client, alice))
    assert f"Counter, 10.00 USD, receipt {receipt.label}" in page
    assert f'href="/wallet/payments/{receipt.payment_id}"' in page


def test_rooms_bring_cards_and_leave_them_out(client: Client, alice: User) -> None:
    told: dict[str, Any] = {"payments": []}
    card = Card(
        key="test", order=5, template="payments/cards/running.html", context=lambda _r: told
    )
    wallet_cards.register(card)
    try:
        page = wallet_of(make.enter(client, alice))
        assert page.index('id="card-test"') < page.index('id="card-credits"')
    finally:
        wallet_cards._cards.pop("test")


def test_the_rail_says_what_a_member_may_spend(client: Client, alice: User) -> None:
    give(alice, 420 * MICRO)
    make.enter(client, alice)
    said = '<a class="chip gold" href="/wallet">420.00 credits</a>'
    assert said in client.get("/files").content.decode()


def test_a_closed_wallet_is_not_there(client: Client, alice: User) -> None:
    set_option(key="room.wallet", text="false", by="system", at=clock.now())
    make.enter(client, alice)
    assert client.get("/wallet").status_code == 404
    assert client.get("/wallet/payments").status_code == 404
    assert 'href="/wallet"' not in client.get("/files").content.decode()
