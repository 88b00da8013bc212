"""Look over what became of calls after a crash; ``python -m bench.look_over_calls`` prints JSON.

One row for each receipt: which call it was, what was charged, and what is shown of the answer.
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from atrium.chat.models import Turn  # noqa: E402
from atrium.compat.models import Call  # noqa: E402
from atrium.ledger.models import Hold  # noqa: E402
from atrium.metering.models import Receipt  # noqa: E402


def receipts() -> list[dict[str, Any]]:
    turns = {turn.receipt_id: turn for turn in Turn.objects.select_related("parent")}
    return [_row(receipt, turns.get(receipt.pk)) for receipt in Receipt.objects.all()]


def unfinished() -> list[str]:
    """What still has its time to end."""
    written = Turn.objects.filter(state=Turn.State.WRITING)
    open_calls = Receipt.objects.filter(state=Receipt.State.OPEN)
    return [*map(str, written), *map(str, open_calls), *map(str, Hold.objects.open())]


def left() -> list[str]:
    """Rows of calls that ended."""
    return [str(call.pk) for call in Call.objects.all()]


def _row(receipt: Receipt, turn: Turn | None) -> dict[str, Any]:
    shown = {"asked": turn.parent.text, "text": turn.text} if turn and turn.parent else {}
    return {
        **shown,
        "kind": receipt.about_kind,
        "key": str(receipt.api_key_id),
        "began": receipt.began_at.timestamp(),
        "state": str(receipt.state),
        "reserved": receipt.reserved,
        "tokens_in": receipt.tokens_in,
        "tokens_out": receipt.tokens_out,
        "charged": receipt.charged,
    }


if __name__ == "__main__":
    looks = {"receipts": receipts, "unfinished": unfinished, "left": left}
    print(json.dumps(looks[sys.argv[1]]()))
