"""What plans keep of somebody."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from atrium.people.belongings import Belonging, Part, Rule, Whose, nobodys, register
from atrium.plans.actions.holding import end, hold
from atrium.plans.models import (
    AllowanceUse,
    Coupon,
    CouponUse,
    LowBalance,
    Period,
    Purchase,
    Subscription,
)

_MONEY = _("The books must balance. A row holds numbers, and no words.")


def _end_plan(whose: Whose, at: datetime) -> None:
    """End what would renew itself: nobody is charged after they left."""
    if whose.person is None:
        return
    for one in Subscription.objects.live().filter(person=whose.person):
        with transaction.atomic():
            held = hold(one)
            if held.is_live:
                end(held, why=Subscription.Why.CANCELED, at=at)


register(
    Part(
        key="plans",
        title=_("Plans"),
        order=310,
        ends=_end_plan,
        belongings=(
            Belonging(
                table=AllowanceUse,
                title=_("What was used of a plan"),
                of=lambda whose: AllowanceUse.objects.filter(holder__in=whose.audiences),
                told=("action", "period_began_at", "used"),
            ),
            Belonging(
                table=Period,
                title=_("Months of a plan"),
                of=lambda whose: Period.objects.filter(whose.is_theirs("subscription__person")),
                told=(
                    *("kind", "plan__name", "plan_before__name", "price_before_minor"),
                    *("began_at", "ends_at", "credits", "credits_back", "taken_at"),
                ),
                rule=Rule.PSEUDONYM,
                why=_MONEY,
            ),
            Belonging(
                table=Subscription,
                title=_("Subscriptions to plans"),
                of=lambda whose: Subscription.objects.filter(whose.owns()),
                told=(
                    *("id", "plan__name", "next_plan__name", "price_minor", "currency", "gateway"),
                    *("state", "day", "began_at", "period_began_at", "period_ends_at"),
                    *("cancel_asked_at", "paused_at", "ended_at", "ended_why"),
                ),
                rule=Rule.PSEUDONYM,
                why=_MONEY,
            ),
            Belonging(
                table=Purchase,
                title=_("Credits that were bought"),
                of=lambda whose: Purchase.objects.filter(whose.owns("payment")),
                told=(
                    *("id", "payment_id", "package__name", "credits", "credits_back"),
                    *("written_off", "given_at"),
                ),
                rule=Rule.PSEUDONYM,
                why=_MONEY,
            ),
            Belonging(
                table=CouponUse,
                title=_("Coupons that were used"),
                of=lambda whose: CouponUse.objects.filter(whose.owns()),
                told=("id", "payment_id", "taken_at", "given_back_at"),
                rule=Rule.PSEUDONYM,
                why=_("It says why a payment was smaller than the price."),
            ),
            Belonging(
                table=Coupon,
                title=_("Coupons that you made as staff"),
                of=lambda whose: Coupon.objects.filter(made_by__in=whose.audiences),
                told=("id", "prefix", "note", "kind", "uses", "uses_left", "made_at", "ended_at"),
                rule=Rule.PSEUDONYM,
                why=_("A coupon is the house's, and works on when who made it has left."),
            ),
            Belonging(
                table=LowBalance,
                title=_("When you are told that credits run low"),
                of=lambda whose: LowBalance.objects.filter(whose.is_theirs("person")),
                told=("below", "is_low", "told_at"),
            ),
        ),
    )
)
nobodys("plans.Package", _("What is sold, and for how much."))
nobodys("plans.Plan", _("What is offered to everybody, and for how much."))
nobodys("plans.Allowance", _("How much a plan allows, whoever has it."))
