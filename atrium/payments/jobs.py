from datetime import timedelta
from uuid import UUID

from atrium.jobs.registry import Priority, Run, every, job
from atrium.kit import clock
from atrium.options.queries import value
from atrium.payments import billing_clock
from atrium.payments.actions import inbox, reconciling, refunds
from atrium.payments.gateways.protocol import NoAnswer
from atrium.payments.gateways.registry import GatewayGone
from atrium.payments.models import Payment, Refund


@job("payments.take_deliveries", long=True, seconds=900)
def take_deliveries(run: Run) -> None:
    """Follow what gateways told us, by asking them."""
    inbox.take_deliveries(at=clock.now())


@job("payments.look_again", long=True, seconds=900)
def look_again(run: Run) -> None:
    """Look up the payments whose time has come."""
    reconciling.look_at_due(at=billing_clock.now())


@job("payments.look_up", long=True, priority=Priority.SOON, attempts=1, seconds=120)
def look_up(run: Run, *, payment_id: UUID) -> None:
    """Look up one payment now, since somebody waits for it."""
    payment = Payment.objects.get(pk=payment_id)
    try:
        reconciling.look_at(payment=payment, at=billing_clock.now())
    except (NoAnswer, GatewayGone):
        return  # its time comes again by the clock


@job("payments.send_refund", long=True, attempts=6, seconds=300)
def send_refund(run: Run, *, refund_id: UUID) -> None:
    """Have a gateway pay back, and come again while it gives no answer."""
    refund = Refund.objects.select_related("payment", "asked_by").get(pk=refund_id)
    again = refunds.send_refund(refund=refund, at=billing_clock.now())
    if again:
        with run.writing():
            refunds.send_soon(refund, after=again)


@job("payments.forget_deliveries", priority=Priority.LATER)
def forget_deliveries(run: Run) -> None:
    """Delete what gateways told us long ago."""
    days = timedelta(days=value("payments.deliveries_kept_days"))
    inbox.forget_deliveries(before=clock.now() - days)


every("payments.take_deliveries", timedelta(minutes=1))
every("payments.look_again", timedelta(seconds=20))
every("payments.forget_deliveries", cron="17 3 * * *")
billing_clock.follow("payments.look_again")  # nobody waits for a look by the clock
