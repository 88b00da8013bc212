"""What a member does about their plan."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit.errors import Conflict
from atrium.payments.actions import Item, open_payment
from atrium.payments.learning import learn_progress
from atrium.payments.models import Payment
from atrium.payments.states import OPEN, Progress, State
from atrium.people.caller import Caller
from atrium.plans.actions.holding import PAGE, CannotChange, NoSubscription, end, hold, inform
from atrium.plans.actions.renewal import open_renewal
from atrium.plans.models import Period, Plan, Subscription
from atrium.plans.previews import Shown, Step, opened
from atrium.plans.queries import subscription_of
from atrium.plans.snapshots import PURPOSE, Ordered

_State = Subscription.State


class AlreadySubscribed(Conflict):
    """They have a subscription that goes on, which can be changed, but not opened twice."""

    code = "already_subscribed"


class PayFirst(CannotChange):
    """Nothing is changed while a month is not paid."""

    code = "pay_first"


@transaction.atomic
def choose(*, by: Caller, seal: str, gateway: str, at: datetime) -> Payment | None:
    """Do what the sealed preview showed, and return the payment to make, if there is one.

    The same preview a second time is the same payment.

    :raises OutdatedPreview: when that no longer holds
    :raises AlreadySubscribed: when it was shown to somebody who had none, and has one by now
    :raises CannotPayWith: when the gateway is not there, or takes another currency
    """
    assert by.person is not None
    live = subscription_of(by)
    mine = hold(live) if live else None
    if mine and not mine.is_live:
        mine = None
    shown = _opened(seal, by=by, mine=mine, at=at)
    if shown.step == Step.START:
        return _pay_for(by, shown, None, gateway=gateway, at=at)
    if mine is None:
        return None  # free, and free it stays
    if mine.is_past_due:
        raise PayFirst(
            _("Your plan's last month is not paid."), way_on=_("Pay it at %s first.") % PAGE
        )
    if shown.step == Step.UPGRADE:
        return _pay_for(by, shown, mine, gateway=gateway, at=at)
    _choose_for_later(mine, shown, at=at)
    return None


def cancel(*, by: Caller, now: bool = False, at: datetime) -> Subscription:
    """End the plan with its period, or at once; what was paid for is not paid back.

    :raises NoSubscription: when there is none
    """
    with transaction.atomic():
        mine = _mine(by)
        left = mine.renewal
        if now:
            end(mine, why=Subscription.Why.CANCELED, at=at)
        elif mine.is_past_due:
            # Its last period is over, so there is nothing left to use up.
            end(mine, why=Subscription.Why.CANCELED, at=at)
        elif mine.cancel_asked_at is None:
            mine.cancel_asked_at, mine.next_plan = at, None
            mine.save()
            inform(mine, kind="will_end", until=mine.period_ends_at.isoformat(), at=at)
    if left and not mine.is_live and left.state == State.PENDING:
        learn_progress(payment=left, progress=Progress.CANCELLED, at=at)
    return mine


@transaction.atomic
def resume(*, by: Caller, at: datetime) -> Subscription:
    """Let the plan go on after all, as it is; what was chosen for later is dropped.

    :raises NoSubscription: when there is none, or it has ended
    """
    mine = _mine(by)
    if mine.cancel_asked_at and mine.period_ends_at <= at:
        raise CannotChange(_("This plan has ended."), way_on=_("Choose a plan at /plans."))
    if mine.cancel_asked_at or mine.next_plan:
        mine.cancel_asked_at, mine.next_plan = None, None
        mine.save()
        inform(mine, kind="goes_on", at=at)
    return mine


@transaction.atomic
def pay_now(*, by: Caller, gateway: str = "", at: datetime) -> Payment:
    """Return the payment by which the member pays the month that is due.

    :raises NoSubscription: when there is none
    :raises CannotChange: when nothing is due, or it is being charged just now
    """
    mine = _mine(by)
    if not mine.is_past_due:
        raise CannotChange(_("Nothing is due."))
    if mine.renewal and mine.renewal.state in OPEN:
        if mine.renewal.state != State.PENDING:
            raise CannotChange(_("A payment for this is under way. There is nothing to do."))
        if gateway in ("", mine.renewal.gateway):
            return mine.renewal
        raise CannotChange(
            _("A payment for this waits already."), way_on=_("Make it, or cancel it first.")
        )
    if gateway:
        mine.gateway = gateway
    mine.renewal = open_renewal(mine, by_hand=True, at=at)
    if mine.renewal.state in OPEN:
        mine.save()
    return mine.renewal


def _mine(by: Caller) -> Subscription:
    live = subscription_of(by)
    mine = hold(live) if live else None
    if mine is None or not mine.is_live:
        raise NoSubscription(
            _("You have no plan that goes on."), way_on=_("Choose a plan at /plans.")
        )
    return mine


def _opened(seal: str, *, by: Caller, mine: Subscription | None, at: datetime) -> Shown:
    assert by.person is not None
    if mine:
        # A second checkout leads to the switch: say that, and not that something is outdated.
        shown_to_others = _shown_without(seal, by=by, at=at)
        if shown_to_others and shown_to_others.step == Step.START:
            raise AlreadySubscribed(
                _("You have a plan already: %(plan)s.") % {"plan": mine.plan.name},
                way_on=_("Change it at /plans: you pay only the difference."),
            )
    return opened(seal, person_id=by.person.pk, subscription=mine, at=at)


def _shown_without(seal: str, *, by: Caller, at: datetime) -> Shown | None:
    assert by.person is not None
    try:
        return opened(seal, person_id=by.person.pk, subscription=None, at=at)
    except Conflict:
        return None


def _pay_for(
    by: Caller, shown: Shown, mine: Subscription | None, *, gateway: str, at: datetime
) -> Payment:
    plan = Plan.objects.get(pk=shown.plan_id)
    ordered = Ordered(
        kind=Period.Kind.UPGRADE if mine else Period.Kind.START,
        plan_id=plan.pk,
        month_minor=shown.month_minor,
        credits=shown.credits,
        subscription_id=mine.pk if mine else None,
        follows=mine.period_ends_at if mine else None,
        plan_before_id=mine.plan_id if mine else None,
    )
    words = _("Plan %(plan)s for the rest of the month") if mine else _("Plan %(plan)s, one month")
    return open_payment(
        by=by,
        item=Item(
            purpose=PURPOSE,
            title=words % {"plan": plan.name},
            amount=shown.due,
            snapshot=ordered.as_json(plan),
            about=("plans.subscription", mine.pk) if mine else ("plans.plan", plan.pk),
        ),
        gateway=gateway,
        key=shown.key,
        keep_method=True,
        at=at,
    )


def _choose_for_later(mine: Subscription, shown: Shown, *, at: datetime) -> None:
    if shown.step == Step.STAY:
        mine.cancel_asked_at, mine.next_plan = None, None
        mine.save()
        return
    plan = Plan.objects.get(pk=shown.plan_id)
    ends = shown.step == Step.END
    mine.cancel_asked_at = at if ends else None
    mine.next_plan = None if ends else plan
    mine.save()
    until = mine.period_ends_at.isoformat()
    if ends:
        inform(mine, kind="will_end", until=until, at=at)
    else:
        inform(mine, kind="will_change", next=plan.name, until=until, at=at)
