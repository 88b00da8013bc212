"""Look over what was charged and paid after a crash; ``python -m bench.look_over_money wrong``.

The Sandbox's journal says what money really moved: our payments, credits and books must equal it.
"""

import json
import os
import sys
from collections.abc import Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.db.models import Sum  # noqa: E402

from atrium.chat.models import Turn  # noqa: E402
from atrium.kit import clock  # noqa: E402
from atrium.ledger.models import Account, Entry, Hold, Leg  # noqa: E402
from atrium.ledger.queries import first_difference  # noqa: E402
from atrium.metering.models import Receipt  # noqa: E402
from atrium.payments.models import Payment, SandboxOrder  # noqa: E402
from atrium.payments.states import State  # noqa: E402
from atrium.plans.models import Purchase  # noqa: E402


def counted() -> list[str]:
    """How much there was to lose."""
    settled = Receipt.objects.filter(charged__gt=0).count()
    paid = SandboxOrder.objects.filter(state=SandboxOrder.State.PAID).count()
    return [f"{settled} answers charged", f"{paid} payments paid"]


def unfinished() -> list[str]:
    """What still has its time to end."""
    written = Turn.objects.filter(state=Turn.State.WRITING)
    open_holds = Hold.objects.open()
    return [*map(str, written), *map(str, open_holds), *_unlearnt()]


def wrong() -> list[str]:
    return [*_holds(), *_receipts(), *_journal(), *_books()]


def _unlearnt() -> Iterator[str]:
    paid = set(SandboxOrder.objects.filter(charges__gt=0).values_list("reference", flat=True))
    for payment in Payment.objects.exclude(state=State.PAID):
        if payment.reference in paid:
            yield f"payment {payment.pk} is {payment.state}, and the Sandbox took the money"


def _holds() -> Iterator[str]:
    for hold in Hold.objects.overdue(at=clock.now()):
        yield f"hold {hold.pk} is open after its deadline"


def _receipts() -> Iterator[str]:
    for receipt in Receipt.objects.select_related("hold").iterator():
        if receipt.charged != (receipt.hold.settled_amount or 0):
            yield f"receipt {receipt.pk} says {receipt.charged}, its hold {receipt.hold}"
    charged = Receipt.objects.aggregate(sum=Sum("charged"))["sum"] or 0
    earned = _moved("platform", Account.Purpose.REVENUE, "CREDIT")
    if charged != earned:
        yield f"receipts say {charged} was charged, the books {earned}"


def _journal() -> Iterator[str]:
    yield from _unlearnt()
    orders = {one.reference: one for one in SandboxOrder.objects.all()}
    paid = [one for one in orders.values() if one.charges]
    for payment in Payment.objects.filter(state=State.PAID):
        order = orders.get(payment.reference)
        if order is None or not order.charges or order.amount_minor != payment.amount_minor:
            yield f"payment {payment.pk} is paid, and the Sandbox knows of no such money"
    fees = sum(one.fee_minor for one in paid)
    taken = sum(one.amount_minor for one in paid)
    booked = -_moved("platform:sandbox", Account.Purpose.CLEARING, "USD")
    if booked != taken - fees:
        yield f"the Sandbox owes us {taken - fees}, the books say {booked}"
    given = Purchase.objects.filter(payment__state=State.PAID).aggregate(sum=Sum("credits"))["sum"]
    bought = Leg.objects.filter(entry__kind="bought", amount__gt=0).aggregate(sum=Sum("amount"))
    if (given or 0) != (bought["sum"] or 0):
        yield f"{given} credits were paid for, {bought['sum']} were given"
    entries = Entry.objects.filter(kind="bought").count()
    if entries != len(paid):
        yield f"{len(paid)} payments were paid, credits were given {entries} times"


def _books() -> Iterator[str]:
    if difference := first_difference():
        yield str(difference)


def _moved(holder: str, purpose: Account.Purpose, asset: str) -> int:
    legs = Leg.objects.filter(
        account__holder=holder, account__purpose=purpose, account__asset=asset
    )
    return legs.aggregate(sum=Sum("amount"))["sum"] or 0


if __name__ == "__main__":
    print(json.dumps({"wrong": wrong, "unfinished": unfinished, "counted": counted}[sys.argv[1]]()))
