"""What can be done with an order on the Sandbox's own pages: paying it, and behaving badly."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from atrium.jobs.actions import enqueue
from atrium.kit.ids import new_id
from atrium.payments.gateways.sandbox import telling
from atrium.payments.models import SandboxMethod, SandboxOrder
from atrium.payments.models.sandbox import SandboxDispute, SandboxRefund

SETTLES_AFTER = timedelta(seconds=20)
_FEE_PERCENT = 2
_UNPAID = (
    SandboxOrder.State.OPEN,
    SandboxOrder.State.PROCESSING,
    # Somebody tries once more, or what was on its way arrives all the same.
    SandboxOrder.State.FAILED,
    SandboxOrder.State.CANCELLED,
)


def id_of(ref: str) -> UUID:
    """Return the id behind a reference of the Sandbox's; one that nothing has, if it is none."""
    try:
        return UUID(hex=ref.removeprefix("so_"))
    except ValueError:
        return UUID(int=0)


def new_card(*, payer: str, at: datetime) -> SandboxMethod:
    """Remember a card for a payer."""
    token = new_id().hex
    return SandboxMethod.objects.create(
        token=f"sm_{token}", payer=payer, label=f"Sandbox card …{token[-4:]}", made_at=at
    )


@transaction.atomic
def pay(order: SandboxOrder, *, card: SandboxMethod | None = None, at: datetime) -> bool:
    """Take the money, once; whether this call did it."""
    paid = SandboxOrder.objects.filter(pk=order.pk, state__in=_UNPAID, charges=0).update(
        state=SandboxOrder.State.PAID,
        charges=F("charges") + 1,
        transaction_ref=f"st_{new_id().hex}",
        fee_minor=order.amount_minor * _FEE_PERCENT // 100,
        method=card or order.method,
        why="",
        paid_at=at,
    )
    order.refresh_from_db()
    if paid:
        telling.tell(order, "order.authorised", "order.paid", at=at)
    return bool(paid)


@transaction.atomic
def pay_later(order: SandboxOrder, *, at: datetime) -> None:
    """Let the money be on its way: it arrives after a while, or when ``pay`` is pressed."""
    if _move(order, SandboxOrder.State.OPEN, to=SandboxOrder.State.PROCESSING):
        telling.tell(order, "order.processing", at=at)
        settle_later(order, at=at)


def settle_later(order: SandboxOrder, *, whatever: bool = False, at: datetime) -> None:
    """Have the money arrive after a while, if it is still on its way by then, or ``whatever``."""
    enqueue(
        "payments.sandbox_settle", delay=SETTLES_AFTER, order=order.pk, whatever=whatever, at=at
    )


@transaction.atomic
def fail(order: SandboxOrder, *, why: str, at: datetime) -> None:
    """Decline it; the payer may try again."""
    state = SandboxOrder.State
    if _move(order, state.OPEN, state.PROCESSING, to=state.FAILED, why=why):
        telling.tell(order, "order.failed", at=at)


@transaction.atomic
def cancel(order: SandboxOrder, *, at: datetime) -> None:
    """Give it up, as the payer."""
    state = SandboxOrder.State
    if _move(order, state.OPEN, state.PROCESSING, to=state.CANCELLED):
        telling.tell(order, "order.cancelled", at=at)


@transaction.atomic
def fail_refunds(order: SandboxOrder, *, at: datetime) -> None:
    """Let what was paid back bounce, days later."""
    if order.refunds.filter(state=SandboxRefund.State.DONE).update(
        state=SandboxRefund.State.FAILED
    ):
        telling.tell(order, "refund.failed", at=at)


@transaction.atomic
def dispute(order: SandboxOrder, *, at: datetime) -> None:
    """Open a dispute over all of it; one at a time."""
    is_open = order.disputes.filter(state=SandboxDispute.State.OPENED).exists()
    if order.state == SandboxOrder.State.PAID and not is_open:
        order.disputes.create(amount_minor=order.amount_minor, made_at=at)
        telling.tell(order, "dispute.opened", at=at)


@transaction.atomic
def end_dispute(order: SandboxOrder, *, as_: SandboxDispute.State, at: datetime) -> None:
    """Decide what is open."""
    if order.disputes.filter(state=SandboxDispute.State.OPENED).update(state=as_):
        telling.tell(order, f"dispute.{as_.value}", at=at)


def _move(
    order: SandboxOrder, *before: SandboxOrder.State, to: SandboxOrder.State, why: str = ""
) -> bool:
    moved = SandboxOrder.objects.filter(pk=order.pk, state__in=before).update(state=to, why=why)
    order.refresh_from_db()
    return bool(moved)
