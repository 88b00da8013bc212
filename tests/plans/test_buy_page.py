import re
from typing import Any

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.options.actions import set_option
from atrium.payments.gateways import registry
from atrium.payments.gateways.protocol import Order
from atrium.payments.models import Payment
from atrium.people.models import User
from atrium.plans.models import Package
from tests import make
from tests.plans.shop import coupon, credits_of, package
from tests.plans.test_buying import BAD_AMOUNTS
from tests.plans.till import Till

pytestmark = pytest.mark.django_db
PAGE = "/wallet/buy"


@pytest.fixture(autouse=True)
def _no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the gateways that a test sets up."""
    monkeypatch.delitem(registry._known, "sandbox", raising=False)


@pytest.fixture
def browser_of_alice(alice: User, client: Client) -> Client:
    return make.enter(client, alice)


def sent(client: Client, *, do: str = "pay", fragment: bool = False, **fields: str) -> Any:
    headers = {"HX-Request": "true"} if fragment else {}
    told = {"currency": "USD", "gateway": "till", "key": "k", "do": do, **fields}
    return client.post(PAGE, told, headers=headers)


def said(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_page_shows_packages_amounts_and_who_takes_them(
    browser_of_alice: Any, till: Till
) -> None:
    page = said(browser_of_alice.get(PAGE))
    assert "50 credits 4.99 USD" in page
    assert "10 credits for a dollar, from 1.00 USD to 1000.00 USD" in page
    assert "You pay with Till" in page


def test_each_currency_shows_its_packages_and_the_gateways_that_take_it(
    browser_of_alice: Any, till: Till
) -> None:
    till.currencies = frozenset({"USD", "NPR"})
    page = said(browser_of_alice.get(f"{PAGE}?currency=NPR"))
    assert "699.00 NPR" in page
    assert "Another amount" not in page
    assert "INR" not in page
    assert "4.99 USD" in said(browser_of_alice.get(f"{PAGE}?currency=XXX"))


def test_without_a_way_to_pay_the_page_says_so(browser_of_alice: Any) -> None:
    assert "Nothing can be bought here yet" in said(browser_of_alice.get(PAGE))


def test_buying_opens_a_payment_and_leads_to_the_gateway(
    alice: User, browser_of_alice: Any, till: Till
) -> None:
    answer = sent(browser_of_alice, choice=package().shown)
    assert "till.example" in answer.content.decode()
    payment = Payment.objects.get()
    assert (payment.amount_minor, payment.person) == (499, alice)
    sent(browser_of_alice, choice=package().shown)
    assert Payment.objects.count() == 1
    sent(browser_of_alice, choice=package(name="Medium").shown)
    assert Payment.objects.count() == 2


def test_a_guest_can_pay_and_is_told_that_it_comes_along(client: Client, till: Till) -> None:
    assert "it comes along" in said(client.get(PAGE))
    sent(client, choice=package().shown)
    assert Payment.objects.get().guest


@pytest.mark.parametrize("text", BAD_AMOUNTS)
def test_what_is_no_amount_is_refused_in_the_form(
    browser_of_alice: Any, till: Till, text: str
) -> None:
    answer = sent(browser_of_alice, choice="amount", amount=text)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"choice": ""},
        {"choice": "nonsense"},
        {"choice": "0" * 36 + ":1:1"},
        {"choice": "amount", "amount": "5", "gateway": "nowhere"},
        {"choice": "amount", "amount": "5", "gateway": ""},
        {"choice": "amount", "amount": "5", "coupon": "WRONG"},
        {"choice": "x" * 200},
        {"choice": "amount", "amount": "9" * 50},
    ],
)
def test_what_cannot_be_bought_is_refused_with_a_sentence(
    browser_of_alice: Any, till: Till, fields: Any
) -> None:
    if fields.get("gateway") == "":
        till.currencies = frozenset({"EUR"})
    answer = sent(browser_of_alice, **fields)
    assert answer.status_code == 422
    assert not Payment.objects.exists()


def test_a_package_and_an_amount_at_once_are_one_too_many(
    browser_of_alice: Any, till: Till
) -> None:
    answer = sent(browser_of_alice, choice=package().shown, amount="5")
    assert answer.status_code == 422
    assert "Choose one of them" in said(answer)


def test_a_price_that_changed_meanwhile_is_refused_with_both_numbers(
    browser_of_alice: Any, till: Till
) -> None:
    shown = package().shown
    Package.objects.filter(pk=package().pk).update(price_minor=599)
    answer = sent(browser_of_alice, choice=shown)
    assert answer.status_code == 409
    assert "4.99 USD" in said(answer)
    assert "5.99 USD" in said(answer)
    assert package().shown in answer.content.decode()
    assert not Payment.objects.exists()
    set_option(key="credits.per_dollar", text="8", by="system", at=clock.now())
    answer = sent(browser_of_alice, choice="amount", amount="5", rate="10")
    assert answer.status_code == 409
    assert 'name="rate" value="8"' in answer.content.decode()


def test_the_price_is_worked_out_while_somebody_chooses(browser_of_alice: Any, till: Till) -> None:
    _made, code = coupon(percent=10)
    answer = sent(browser_of_alice, fragment=True, do="", choice="amount", amount="12.50")
    assert "125.00 credits for 12.50 USD" in said(answer)
    assert "<html" not in answer.content.decode()
    half = {"choice": "amount", "amount": "12.50", "coupon": code[:6]}
    assert "12.50 USD" in said(sent(browser_of_alice, fragment=True, do="", **half))
    whole = {**half, "coupon": code}
    assert "for 11.25 USD" in said(sent(browser_of_alice, fragment=True, do="", **whole))
    wrong = sent(browser_of_alice, fragment=True, do="", choice="amount", amount="-5")
    assert (wrong.status_code, "Write the amount" in said(wrong)) == (200, True)
    assert not Payment.objects.exists()


def test_without_a_script_a_button_works_the_price_out(browser_of_alice: Any, till: Till) -> None:
    answer = sent(browser_of_alice, do="look", choice=package().shown)
    assert "50.00 credits for 4.99 USD" in said(answer)


def test_a_coupon_of_credits_is_redeemed_and_another_makes_the_price_smaller(
    alice: User, browser_of_alice: Any, till: Till
) -> None:
    _made, gift = coupon(credits=5 * MICRO)
    assert sent(browser_of_alice, do="coupon", coupon=gift).headers["Location"] == "/wallet"
    assert credits_of(alice) == 5
    again = sent(browser_of_alice, do="coupon", coupon=gift)
    assert (again.status_code, "You have used this coupon" in said(again)) == (409, True)
    _made, half = coupon()
    answer = sent(browser_of_alice, do="coupon", coupon=half, choice=package().shown)
    assert "for 2.50 USD" in said(answer)


def test_what_a_coupon_pays_wholly_leads_to_no_gateway(
    alice: User, browser_of_alice: Any, till: Till
) -> None:
    _made, code = coupon(percent=100)
    answer = sent(browser_of_alice, choice=package().shown, coupon=code)
    assert answer.headers["Location"] == f"/wallet/payments/{Payment.objects.get().pk}"
    assert credits_of(alice) == 50


def test_who_lacks_credits_finds_as_many_chosen(browser_of_alice: Any, till: Till) -> None:
    page = browser_of_alice.get(f"{PAGE}?need={3 * MICRO + 1}")
    assert "3.01 credits are missing" in said(page)
    assert 'value="1.00"' in page.content.decode()
    page = browser_of_alice.get(f"{PAGE}?need={108 * MICRO}")
    assert f'value="{package(name="Medium").shown}" checked' in page.content.decode()
    for nonsense in ("-1", "0", "1e9", "१२", "9" * 40):
        assert browser_of_alice.get(PAGE, {"need": nonsense}).status_code == 200


def test_a_gateway_that_is_down_leaves_a_payment_to_go_on_with(
    browser_of_alice: Any, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atrium.payments.gateways.protocol import NoAnswer  # noqa: PLC0415

    def down(order: Order) -> None:
        raise NoAnswer

    monkeypatch.setattr(till, "begin", down)
    answer = sent(browser_of_alice, choice=package().shown)
    assert answer.headers["Location"] == f"/wallet/payments/{Payment.objects.get().pk}"


def test_a_person_chooses_when_to_be_told(alice: User, browser_of_alice: Any) -> None:
    from atrium.plans.models import LowBalance  # noqa: PLC0415

    for wrong in ("-1", "1e3", "१२", "1.5", "9999999", "NaN"):
        assert browser_of_alice.post("/wallet/low-balance", {"below": wrong}).status_code == 422
    browser_of_alice.post("/wallet/low-balance", {"below": "20"})
    assert LowBalance.objects.get(person=alice).below == 20 * MICRO
    assert 'value="20"' in browser_of_alice.get("/wallet").content.decode()
    browser_of_alice.post("/wallet/low-balance", {"below": ""})
    assert LowBalance.objects.get(person=alice).below is None
