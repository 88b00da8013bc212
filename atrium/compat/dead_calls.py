"""A call whose process died is charged for what it had delivered, whoever notices first."""

from datetime import datetime

from atrium.compat.actions import end_dead_call
from atrium.compat.queries import CALL
from atrium.metering.dead_calls import register
from atrium.metering.models import Receipt


def _end(*, receipt: Receipt, at: datetime) -> None:
    end_dead_call(receipt=receipt, at=at)


register(CALL, _end)
