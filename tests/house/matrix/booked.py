"""What the books hold of somebody, and what addresses call it."""

from datetime import timedelta

from atrium.kit import clock
from atrium.kit.credits import MICRO
from atrium.ledger import actions as ledger
from atrium.ledger.models import Account, Correction, Disagreement, Entry
from atrium.people.models import Guest, User
from tests import make


def booked(owner: User | Guest) -> dict[str, str]:
    """Give, charge and set aside a little, and correct something."""
    now, holder = clock.now(), make.caller(owner).audience
    given = ledger.grant(
        holder=holder, amount=10 * MICRO, key=f"gift:{holder}", kind="adjustment", at=now
    )
    deadline = now + timedelta(hours=1)
    done, held = (
        ledger.hold(key=f"{key}:{holder}", holder=holder, amount=MICRO, at=now, deadline=deadline)
        for key in ("done", "open")
    )
    ledger.settle(held=done, amount=MICRO // 2, at=now)
    account = Account.objects.wallet_of(holder).get()
    correction = Correction.objects.create(
        kind=Correction.Kind.REVERSAL,
        entry=given,
        holder=holder,
        amount=-10 * MICRO,
        reason="It was late.",
        asked_by="system",
        asked_at=now,
    )
    charge = Entry.objects.get(kind="settle", legs__account=account.pk)
    ledger.close_next_day(at=now + timedelta(days=9))
    return {
        "line": str(charge.pk),
        "ledger.account": str(account.pk),
        "ledger.entry": str(charge.pk),
        "ledger.hold": str(held.pk),
        "ledger.correction": str(correction.pk),
    }


def disagreed() -> str:
    """Make a disagreement that was cleared: while one stands, nobody is charged for anything."""
    now = clock.now()
    found = Disagreement.objects.create(
        thing_kind="hold",
        thing_id="none",
        said="A hold says 2, its rows say 1",
        found_at=now,
        cleared_at=now,
        cleared_by="system",
        reason="It was tried.",
    )
    return str(found.pk)
