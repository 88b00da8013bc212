from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.kit.credits import MICRO
from atrium.plans.models import Package
from atrium.plans.offers import Wanted
from atrium.plans.schemas.plans import MoneyOut
from atrium.plans.sold import FreeAmounts
from atrium.web.schemas import StrictSchema, example

_ID = "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a90"
_MONEY = {"minor": 499, "currency": "USD", "text": "4.99 USD"}
_PACKAGE: dict[str, Any] = {"id": _ID, "name": "Small", "credits": 50.0, "price": _MONEY}
_FREE: dict[str, Any] = {
    "credits_per_dollar": 10,
    "least": {"minor": 100, "currency": "USD", "text": "1.00 USD"},
    "most": {"minor": 100_000, "currency": "USD", "text": "1000.00 USD"},
}


class PackageOut(Schema):
    model_config = example(**_PACKAGE)

    id: UUID
    name: str
    credits: float
    price: MoneyOut

    @classmethod
    def of(cls, package: Package) -> "PackageOut":
        return cls(
            id=package.pk,
            name=package.name,
            credits=package.credits / MICRO,
            price=MoneyOut.of(package.price),
        )


class FreeAmountsOut(Schema):
    """Amounts of dollars that people choose themselves."""

    model_config = example(**_FREE)

    credits_per_dollar: int
    least: MoneyOut
    most: MoneyOut

    @classmethod
    def of(cls, free: FreeAmounts) -> "FreeAmountsOut":
        return cls(
            credits_per_dollar=free.per_dollar,
            least=MoneyOut.of(free.least),
            most=MoneyOut.of(free.most),
        )


class PackageList(Schema):
    model_config = example(
        items=[_PACKAGE], amounts=_FREE, gateways={"USD": ["sandbox"], "EUR": ["sandbox"]}
    )

    items: list[PackageOut]
    amounts: FreeAmountsOut
    gateways: dict[str, list[str]] = Field(
        description="Which take a currency; one without any cannot be paid in."
    )


class PurchaseIn(StrictSchema):
    """A package at the price that was shown, or an amount of dollars."""

    model_config = example(amount="12.50", credits_per_dollar=10, gateway="sandbox")

    package: UUID | None = None
    price_minor: int | None = Field(
        None, description="Of the package, as it was listed: at another price nothing is opened."
    )
    amount: str = Field("", max_length=40, description="Digits and a point, such as 12.50.")
    currency: str = Field("USD", max_length=10, description="Of the amount.")
    credits_per_dollar: int | None = Field(
        None, description="As it was listed: at another rate nothing is opened."
    )
    coupon: str = Field("", max_length=60)
    gateway: str = Field("", max_length=20, description="Not needed where a coupon pays it all.")

    def wanted(self) -> Wanted:
        return Wanted(
            package=str(self.package or ""),
            price_minor=self.price_minor,
            amount=self.amount,
            currency=self.currency,
            rate=self.credits_per_dollar,
            coupon=self.coupon,
        )


class PurchaseOut(Schema):
    """The payment that was opened; its credits come once it is paid."""

    model_config = example(
        payment=_ID,
        state="pending",
        credits=125.0,
        price={"minor": 1250, "currency": "USD", "text": "12.50 USD"},
        off={"minor": 0, "currency": "USD", "text": "0.00 USD"},
        due={"minor": 1250, "currency": "USD", "text": "12.50 USD"},
        pay_at=f"https://atrium.example/wallet/payments/{_ID}",
    )

    payment: UUID
    state: str
    credits: float
    price: MoneyOut
    off: MoneyOut = Field(description="By the coupon.")
    due: MoneyOut
    pay_at: str | None = Field(description="Where a person pays it; null when nothing is due.")


class CouponIn(StrictSchema):
    model_config = example(code="7K3M-Q0ZT-93XA-HV2C")

    code: str = Field(max_length=60)


class RedeemedOut(Schema):
    model_config = example(credits=5.0, balance=12.5)

    credits: float = Field(description="What the coupon gave.")
    balance: float
