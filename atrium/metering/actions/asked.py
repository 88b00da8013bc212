from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from atrium.engines.models import Model
from atrium.metering.actions.calls import price_of, reserve
from atrium.metering.models import Receipt
from atrium.metering.standing import Standing
from atrium.people.caller import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call that is to be paid by whoever makes it: what ``reserve`` is told.

    ``standing`` is what is known of who pays, and not older than a second, if anything is.
    """

    by: Caller
    model: Model
    tokens_in: int
    most_tokens_out: int
    fixed: int
    about: tuple[str, UUID]
    key: str
    standing: Standing | None = None
    at: datetime

    @property
    def tokens(self) -> int:
        return max(0, self.tokens_in) + max(0, self.most_tokens_out)

    @property
    def price(self) -> int:
        return self.fixed + price_of(
            tokens_in=max(0, self.tokens_in),
            tokens_out=max(0, self.most_tokens_out),
            input_price=self.model.input_price,
            output_price=self.model.output_price,
        )


def reserve_asked(asked: Asked) -> Receipt:
    """Set aside what this one call may take, as ``reserve``."""
    return reserve(
        by=asked.by,
        model=asked.model,
        tokens_in=asked.tokens_in,
        most_tokens_out=asked.most_tokens_out,
        fixed=asked.fixed,
        about=asked.about,
        key=asked.key,
        at=asked.at,
    )
