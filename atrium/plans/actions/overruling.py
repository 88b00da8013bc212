"""What staff do about somebody's subscription, for a reason that is written down."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.plans.actions.holding import CannotChange, end, hold, house_time, inform
from atrium.plans.models import Period, Subscription

MOST_DAYS = 366


@transaction.atomic
def end_for(*, subscription: Subscription, by: str, reason: str, at: datetime) -> Subscription:
    """End a member's plan now; whether money goes back is decided at its payment.

    :raises CannotChange: when it has ended
    """
    held = _live(subscription)
    end(held, why=Subscription.Why.STAFF, at=at)
    _note("subscription.ended", held, by=by, reason=reason, at=at)
    return held


@transaction.atomic
def extend(
    *, subscription: Subscription, days: int, by: str, reason: str, at: datetime
) -> Subscription:
    """Let the running month last longer, or the grace of one that is not paid.

    :raises CannotChange: when it has ended
    """
    held = _live(subscription)
    more = timedelta(days=days)
    if held.grace_until:
        held.grace_until += more
    else:
        before, held.period_ends_at = held.period_ends_at, held.period_ends_at + more
        held.day = held.period_ends_at.day  # later months begin where this one ends
        # The month's payment goes on to count for it.
        held.periods.filter(ends_at=before).update(ends_at=held.period_ends_at)
        Period.objects.create(
            subscription=held,
            kind=Period.Kind.EXTENSION,
            plan=held.plan,
            began_at=before,
            ends_at=held.period_ends_at,
        )
    held.save()
    until = (held.grace_until or held.period_ends_at).isoformat()
    inform(held, kind="extended", until=until, at=at)
    _note("subscription.extended", held, by=by, reason=reason, days=days, at=at)
    return held


def _live(subscription: Subscription) -> Subscription:
    held = hold(subscription)
    if not held.is_live:
        raise CannotChange(_("This plan has ended."))
    return held


def _note(action: str, held: Subscription, *, by: str, at: datetime, **detail: object) -> None:
    about = ("subscription", held.pk)
    note(action, by=by, about=about, detail=dict(detail), at=house_time(at))
