from datetime import datetime
from typing import Self
from uuid import UUID

from ninja import Schema
from pydantic import Field

from atrium.ledger.statement import Balance, Line
from atrium.web.schemas import example

_SMALLEST = "In the asset's smallest unit: a millionth of a credit, a currency's minor unit."


_BALANCE = {
    "asset": "CREDIT",
    "to_spend": 420_000_000,
    "set_aside": 3_000_000,
    "frozen": 0,
    "owed": 0,
}
_LINE = {
    "number": 41,
    "at": "2026-11-21T12:04:00Z",
    "kind": "settle",
    "title": "Answer in “Photosynthesis”",
    "note": "Reader, 1,204 tokens",
    "url": "/chat/01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a92",
    "about_kind": "hold",
    "about_id": "01932d1c-7a2e-7cc1-9f3a-5d2b7c1e4a93",
    "amount": -900_000,
    "balance": 423_000_000,
}


class BalanceOut(Schema):
    """What is yours of one asset, and where it lies."""

    model_config = example(**_BALANCE)

    asset: str = Field(description="`CREDIT`, or the code of a currency.")
    to_spend: int = Field(description=_SMALLEST)
    set_aside: int = Field(description="For calls under way.")
    frozen: int = Field(description="While a dispute runs.")
    owed: int = Field(description="What you owe, above nothing; paid first by what you buy.")

    @classmethod
    def of(cls, balance: Balance) -> Self:
        return cls(
            asset=balance.asset,
            to_spend=balance.to_spend,
            set_aside=balance.set_aside,
            frozen=balance.frozen,
            owed=balance.owed,
        )


class Balances(Schema):
    """One for each asset you ever had; credits always, and first."""

    model_config = example(items=[_BALANCE])

    items: list[BalanceOut]


class LineOut(Schema):
    """A time that more or less became yours."""

    model_config = example(**_LINE)

    number: int = Field(description="The number of the entry in the books.")
    at: datetime
    kind: str
    title: str = Field(description="In your language.")
    note: str
    url: str = Field(description="The page of what it is about; empty when there is none.")
    about_kind: str
    about_id: UUID | None
    amount: int = Field(description=f"More of it is yours, or (negative) less. {_SMALLEST}")
    balance: int = Field(description="What was yours after it, in all.")

    @classmethod
    def of(cls, line: Line) -> Self:
        about_kind, about_id = line.about or ("", None)
        return cls(
            number=line.number,
            at=line.at,
            kind=line.kind.key,
            title=line.title,
            note=line.told.note,
            url=line.told.url,
            about_kind=about_kind,
            about_id=about_id,
            amount=line.amount,
            balance=line.balance,
        )


class LinePage(Schema):
    model_config = example(items=[_LINE], next=None)

    items: list[LineOut]
    next: str | None = Field(description="Send it as `after` for what follows.")
