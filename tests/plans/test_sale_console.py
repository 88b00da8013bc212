"""Finance sells packages and hands out coupons."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from atrium.audit.models import AuditEntry
from atrium.kit.credits import MICRO
from atrium.plans import codes
from atrium.plans.models import Coupon, Package
from tests import make
from tests.plans.shop import package
from tests.plans.test_console import press

pytestmark = pytest.mark.django_db
GOOD = {"name": "Tiny", "credits": "10", "price": "1.25", "currency": "usd", "order": "5"}
COUPON = {"kind": "percent", "percent": "15", "uses": "3", "note_to_self": "autumn"}
BAD_NUMBERS = ("-1", "0", "1e30", "NaN", "१२", "1,5", "")


@pytest.fixture
def finance(client: Client) -> Client:
    return make.enter(client, make.person(username="fiona", staff_areas=["finance"]))


def new(client: Client, kind: str, told: dict[str, str]) -> Any:
    return client.post(reverse(f"admin:plans_{kind}_new"), told, follow=True)


def test_a_package_is_made_changed_and_taken_off_sale(finance: Client) -> None:
    assert b"on sale" in new(finance, "package", GOOD).content
    made = Package.objects.get(name="Tiny")
    assert (made.credits, str(made.price), made.is_sold) == (10 * MICRO, "1.25 USD", True)
    press(finance, made, "change", **{**GOOD, "price": "1.50"})
    press(finance, made, "withdraw")
    made.refresh_from_db()
    assert (made.price_minor, made.is_sold) == (150, False)
    press(finance, made, "sell")
    audited = AuditEntry.objects.filter(about_kind="package").order_by("number")
    assert list(audited.values_list("action", flat=True)) == [
        *("package.added", "package.changed", "package.taken_off_sale", "package.put_on_sale")
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("credits", text) for text in BAD_NUMBERS),
        *(("price", text) for text in BAD_NUMBERS),
        *(("currency", text) for text in ("XXX", "")),
        ("name", " "),
    ],
)
def test_a_package_that_cannot_be_is_refused(finance: Client, name: str, text: str) -> None:
    before = Package.objects.count()
    assert new(finance, "package", {**GOOD, name: text}).status_code == 422
    assert Package.objects.count() == before
    one = package()
    press(finance, one, "change", **{**GOOD, name: text})
    assert package() == one


def test_a_coupon_is_made_its_code_shown_once_and_it_is_ended(finance: Client) -> None:
    page = new(finance, "coupon", COUPON)
    assert "no-store" in page.headers["Cache-Control"]
    (code,) = re.findall(r'value="([0-9A-Z-]{19})"', page.content.decode())
    made = Coupon.objects.get(code_hash=codes.digest(code))
    assert (made.percent, made.uses_left, made.note) == (15, 3, "autumn")
    shown = finance.get(f"/console/plans/coupon/{made.pk}/change/").content.decode()
    assert "15 % off" in shown
    assert code not in shown
    assert made.code_hash not in shown
    press(finance, made, "end")
    made.refresh_from_db()
    assert made.ended_at
    audited = AuditEntry.objects.filter(about_kind="coupon").order_by("number")
    assert list(audited.values_list("action", flat=True)) == ["coupon.made", "coupon.ended"]
    assert code not in str(list(audited.values()))


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "amount", "amount": "2.50", "currency": "EUR"},
        {"kind": "credits", "credits": "20"},
        {"kind": "percent", "percent": "100", "currency": "NPR", "expires_at": "2030-01-01T00:00"},
    ],
)
def test_a_coupon_does_one_of_three_things(finance: Client, told: Any) -> None:
    assert new(finance, "coupon", {"uses": "1", **told}).status_code == 200
    made = Coupon.objects.get()
    assert (made.off_minor, made.credits, made.percent) in {(250, 0, 0), (0, 20 * MICRO, 0)} | {
        (0, 0, 100)
    }


@pytest.mark.parametrize(
    "told",
    [
        *({"percent": text} for text in (*BAD_NUMBERS, "101")),
        *({"kind": "amount", "currency": "USD", "amount": text} for text in BAD_NUMBERS),
        *({"kind": "credits", "credits": text} for text in BAD_NUMBERS),
        *({"uses": text} for text in BAD_NUMBERS),
        {"kind": "amount", "amount": "5"},
        {"kind": "amount", "amount": "5", "currency": "XXX"},
        {"expires_at": "2020-01-01T00:00"},
        {"expires_at": "soon"},
        {"kind": "gift"},
    ],
)
def test_what_would_be_no_coupon_is_refused(finance: Client, told: Any) -> None:
    assert new(finance, "coupon", {**COUPON, **told}).status_code == 422
    assert not Coupon.objects.exists()


def test_others_see_neither(client: Client) -> None:
    make.enter(client, make.person(username="sue", staff_areas=["support"]))
    for kind in ("package", "coupon"):
        assert client.get(f"/console/plans/{kind}/").status_code in {403, 404}
