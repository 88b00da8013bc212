"""A plan, or credits, that nobody paid for."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.credits import MICRO
from atrium.kit.errors import Unprocessable
from atrium.kit.money import Money
from atrium.ledger.actions import grant
from atrium.payments.actions import Item, open_payment
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.plans.models import Period, Plan
from atrium.plans.snapshots import PURPOSE, Ordered

MOST_CREDITS = 10**9


class NoSuchGift(Unprocessable):
    """There is no plan of this name, or that is no number of credits."""

    code = "no_such_gift"


@transaction.atomic
def give_plan(*, person: User, slug: str, by: str, at: datetime) -> None:
    """Let somebody who has none have a plan for nothing, from month to month until it is ended.

    :raises NoSuchGift: when no plan has this name
    """
    known = slug.strip().lower().replace("-", "_").replace(" ", "_")
    plan = Plan.objects.filter(slug=known).first()
    if plan is None:
        names = ", ".join(Plan.objects.order_by("order").values_list("slug", flat=True))
        raise NoSuchGift(
            _("There is no plan %(slug)s.") % {"slug": slug}, way_on=_("There are: %s.") % names
        )
    if not plan.is_free:
        ordered = Ordered(
            kind=Period.Kind.START, plan_id=plan.pk, month_minor=0, credits=plan.monthly_credits
        )
        open_payment(
            by=Caller(person=person),
            item=Item(
                purpose=PURPOSE,
                title=_("Plan %(plan)s, one month") % {"plan": plan.name},
                amount=Money(0, plan.currency),
                snapshot=ordered.as_json(plan),
                about=("plans.plan", plan.pk),
            ),
            gateway="",
            key=f"given:{person.pk}:{plan.pk}:{at.isoformat()}",
            at=at,
        )
    about = ("person", person.pk)
    note("plans.plan_given", by=by, about=about, detail={"plan": plan.slug}, at=at)


@transaction.atomic
def give_credits(*, person: User, told: str, by: str, at: datetime) -> None:
    """Put credits into a new account's wallet.

    :raises NoSuchGift: when that is no number of credits
    """
    micro = _micro(told)
    if micro:
        key = f"given:{person.pk}:{at.isoformat()}"
        grant(holder=f"person:{person.pk}", amount=int(micro), key=key, kind="adjustment", at=at)
    about = ("person", person.pk)
    note("plans.credits_given", by=by, about=about, detail={"credits": told}, at=at)


def _micro(told: str) -> int:
    try:
        micro = Decimal(told) * MICRO
        if told.isascii() and micro == int(micro) and 0 <= micro <= MOST_CREDITS * MICRO:
            return int(micro)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise NoSuchGift(_("%(told)s is no number of credits.") % {"told": told})
