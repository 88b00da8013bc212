"""Holds the Sandbox's journal against our payments, and those against what was given."""

from collections.abc import Iterator

from django.db.models import Sum

from atrium.jobs.models import Job
from atrium.kit import clock
from atrium.ledger.queries import balance_of, first_difference
from atrium.payments.actions.reconciling import look_at_due
from atrium.payments.models import Payment, SandboxDelivery, SandboxOrder, WebhookEvent
from atrium.plans.models import Purchase


def nothing_waits() -> bool:
    states = Job.State
    jobs = Job.objects.filter(
        name__startswith="payments.sandbox_",
        state__in=(states.WAITING, states.SCHEDULED, states.RUNNING),
    )
    deliveries = SandboxDelivery.objects.filter(state=SandboxDelivery.State.WAITING)
    came = WebhookEvent.objects.filter(state=WebhookEvent.State.NEW, error="")
    return not (jobs.exists() or deliveries.exists() or came.exists())


def look_everything_up() -> None:
    now = clock.now()
    Payment.objects.exclude(begun_at=None).update(look_next_at=now)
    while look_at_due(at=now):
        pass


def differences() -> Iterator[str]:
    """Yield what disagrees, payment by payment and wallet by wallet."""
    wallets: dict[str, int] = {}
    for order in SandboxOrder.objects.all():
        payment = Payment.objects.referred_to_as(order.reference).get()
        given = Purchase.objects.filter(payment=payment).first()
        kept = 0 if payment.needs_look else kept_of(order)
        was_paid = bool(order.charges) and not payment.needs_look
        if (bool(payment.fulfilled_at), bool(given)) != (was_paid, was_paid):
            yield f"{order} there, {payment} here, given: {given}"
        if payment.kept_minor != kept:
            yield f"{kept} kept there, {payment.kept_minor} here: {payment.pk}"
        if given:
            due = given.credits * (payment.amount_minor - kept) // payment.amount_minor
            if abs(due - given.credits_back) > 1:
                yield f"{given.credits_back} credits back, {due} due: {payment.pk}"
            left = given.credits - given.credits_back
            wallets[payment.audience] = wallets.get(payment.audience, 0) + left
    for holder, given_in_all in wallets.items():
        if balance_of(holder) != given_in_all:
            yield f"{holder}: {balance_of(holder)} in the wallet, {given_in_all} given"
    if difference := first_difference():
        yield str(difference)


def kept_of(order: SandboxOrder) -> int:
    if not order.charges:
        return 0
    refunded = sum(one.amount_minor for one in order.refunds.filter(state="done"))
    lost = sum(one.amount_minor for one in order.disputes.filter(state="lost"))
    return max(0, order.amount_minor - refunded - lost)


def compare() -> bool:

    look_everything_up()
    charged = SandboxOrder.objects.filter(charges=1)
    believed = Payment.objects.exclude(fulfilled_at=None)
    unbelieved = Payment.objects.exclude(needs_look="")
    print(
        f"the Sandbox charged {charged.count()} orders,"
        f" {charged.aggregate(sum=Sum('amount_minor'))['sum']} cents\n"
        f"we call paid       {believed.count()},"
        f" {believed.aggregate(sum=Sum('amount_minor'))['sum']} cents;"
        f" {unbelieved.count()} do not fit and wait for somebody,"
        f" {unbelieved.aggregate(sum=Sum('amount_minor'))['sum']} cents\n"
        f"credits were given {Purchase.objects.count()} times"
    )
    found = list(differences())
    for said in found[:20]:
        print(f"WRONG {said}")
    print(f"differences        {len(found)}   {'MISSED' if found else 'ok'}")
    return not found
