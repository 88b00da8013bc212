import json
from typing import Any

import pytest
from django.test import Client

from atrium.engines.models import Model
from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.options.actions import set_option
from atrium.payments.gateways import registry
from atrium.payments.models import Payment
from atrium.people.actions import issue_key
from atrium.people.models import User
from atrium.plans.models import Package
from tests import make
from tests.plans.shop import coupon, credits_of, package
from tests.plans.test_buying import BAD_AMOUNTS
from tests.plans.till import Till

pytestmark = pytest.mark.django_db
CREDITS = "/api/v1/credits"


@pytest.fixture(autouse=True)
def _no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the gateways that a test sets up."""
    monkeypatch.delitem(registry._known, "sandbox", raising=False)


@pytest.fixture
def program(alice: User) -> Client:
    _key, token = issue_key(
        person=alice, name="shop", scopes=["read", "write", "account"], at=clock.now()
    )
    return Client(headers={"Authorization": f"Bearer {token}"})


def bought(client: Any, *, key: str = "k", **asked: object) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"gateway": "till", **asked}
    return client.post(CREDITS, json.dumps(body), "application/json", headers=headers)


def test_what_credits_cost_is_told_to_anybody(client: Any, till: Till) -> None:
    told = client.get("/api/v1/packages").json()
    small = next(one for one in told["items"] if one["price"]["text"] == "4.99 USD")
    assert (small["id"], small["credits"]) == (str(package().pk), 50.0)
    assert told["amounts"]["credits_per_dollar"] == 10
    assert told["gateways"] == {"USD": ["till"]}


def test_a_package_is_bought_and_a_repeated_call_buys_nothing_more(
    alice: User, program: Any, till: Till
) -> None:
    asked: dict[str, Any] = {"package": str(package().pk), "price_minor": 499}
    first = bought(program, **asked)
    assert first.status_code == 201
    assert bought(program, **asked).json() == first.json()
    payment = Payment.objects.get()
    assert first.json()["pay_at"].endswith(f"/wallet/payments/{payment.pk}")
    assert (first.json()["state"], first.json()["due"]["minor"]) == ("pending", 499)
    assert bought(program, amount="5").status_code == 422
    till.pay(payment)
    assert credits_of(alice) == 50


def test_the_key_holds_longer_than_the_answers_are_kept(program: Any, till: Till) -> None:
    from atrium.api.models import IdempotentRequest  # noqa: PLC0415

    first = bought(program, amount="5").json()
    IdempotentRequest.objects.all().delete()
    assert bought(program, amount="5").json()["payment"] == first["payment"]
    IdempotentRequest.objects.all().delete()
    other = bought(program, amount="6")
    assert (other.status_code, other.json()["code"]) == (409, "key_used_otherwise")


def test_without_a_key_nothing_is_bought(program: Any, till: Till) -> None:
    refused = bought(program, key="", amount="5")
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_needed")
    assert not Payment.objects.exists()


@pytest.mark.parametrize("text", BAD_AMOUNTS)
def test_what_is_no_amount_is_refused_with_a_sentence(program: Any, till: Till, text: str) -> None:
    refused = bought(program, amount=text)
    assert refused.status_code == (400 if text == "\x00" else 422)  # no JSON of ours holds NUL
    assert refused.json()["detail"]
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        *('{"amount": -1}', '{"amount": 0}', '{"amount": 1e30}', '{"amount": NaN}'),
        *('{"amount": "5", "currency": "XXX"}', '{"amount": "5", "currency": "EUR"}'),
        *('{"amount": "5", "gateway": "nowhere"}', '{"package": "nonsense"}', "{}", "[]", "NaN"),
        '{"package": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90"}',
        *('{"amount": "5", "owner": "me"}', '{"amount": "5", "credits": 1000000}'),
        '{"amount": "5", "credits_per_dollar": 1e30}',
    ],
)
def test_what_cannot_be_bought_is_refused(program: Any, till: Till, body: bytes) -> None:
    answer = program.post(CREDITS, body, "application/json", headers={"Idempotency-Key": "k"})
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]
    assert not Payment.objects.exists()


def test_a_price_that_changed_is_refused_with_both_numbers(program: Any, till: Till) -> None:
    Package.objects.filter(pk=package().pk).update(price_minor=599)
    refused = bought(program, package=str(package().pk), price_minor=499)
    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    assert "4.99 USD" in refused.json()["detail"]
    assert "5.99 USD" in refused.json()["detail"]
    set_option(key="credits.per_dollar", text="8", by="system", at=clock.now())
    assert bought(program, amount="5", credits_per_dollar=10).status_code == 409


def test_a_coupon_lowers_the_price_or_pays_it_all(alice: User, program: Any, till: Till) -> None:
    _made, half = coupon()
    told = bought(program, package=str(package().pk), coupon=half).json()
    assert (told["price"]["minor"], told["off"]["minor"], told["due"]["minor"]) == (499, 249, 250)
    _made, free = coupon(percent=100)
    told = bought(program, key="other", package=str(package().pk), coupon=free, gateway="").json()
    assert (told["state"], told["pay_at"]) == ("paid", None)
    assert credits_of(alice) == 50


def test_a_coupon_of_credits_is_redeemed_once(alice: User, program: Any) -> None:
    _made, gift = coupon(credits=5 * MICRO, uses=2)
    body = json.dumps({"code": gift})
    told = program.post("/api/v1/coupons/redeem", body, "application/json")
    assert told.json() == {"credits": 5.0, "balance": 5.0}
    again = program.post("/api/v1/coupons/redeem", body, "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "coupon_used")
    assert credits_of(alice) == 5


def test_a_guest_buys_and_a_key_without_the_scope_does_not(
    alice: User, client: Any, till: Till
) -> None:
    client.get("/wallet/buy")
    token = client.cookies.get("csrftoken")
    headers = {"X-CSRFToken": token.value if token else "", "Idempotency-Key": "k"}
    answer = client.post(
        CREDITS, '{"amount": "5", "gateway": "till"}', "application/json", headers=headers
    )
    assert answer.status_code == 201
    assert Payment.objects.get().guest
    _key, token = issue_key(person=alice, name="r", scopes=["read", "write"], at=clock.now())
    reader = Client(headers={"Authorization": f"Bearer {token}"})
    assert bought(reader, amount="5").status_code == 403


def test_who_asks_a_model_without_credits_is_led_to_buy_what_is_missing(
    alice: User, program: Any, till: Till
) -> None:
    from atrium.engines.actions import offer_built_in  # noqa: PLC0415

    offer_built_in()
    make.spends_credits(alice)
    Model.objects.update(input_price=MICRO, output_price=3 * MICRO)
    refused = program.post("/api/v1/chats", '{"text": "Why?"}', "application/json")
    assert refused.status_code == 402
    told = refused.json()
    missing = told["used"] - told["limit"]
    assert told["link"] == f"/wallet/buy?need={missing}"
    browser = make.enter(Client(), alice)
    page = browser.post("/chat/new", {"text": "Why?"})
    assert page.status_code == 402
    assert f'href="/wallet/buy?need={missing}"' in page.content.decode()
    assert "credits are missing" in browser.get(told["link"]).content.decode()
