from datetime import datetime

from atrium.engines.models import Model
from atrium.metering.models import CreditsPay, Receipt, ReceiptQuerySet, Share, UsageLog, Window
from atrium.metering.window import WindowState
from atrium.options.queries import value
from atrium.payments import billing_clock
from atrium.people.caller import Caller
from atrium.people.models import OwnedQuerySet
from atrium.plans.models import Plan
from atrium.plans.queries import plan_of


def plan_at(caller: Caller, *, at: datetime) -> Plan:
    """Return the plan that holds for the caller at this moment of the real clock."""
    return plan_of(caller, at + billing_clock.ahead())


def window_of(caller: Caller, at: datetime) -> WindowState:
    """Return the caller's window: what its plan allows in it, and how much of that is used."""
    return window_state(caller.audience, limit=plan_at(caller, at=at).tokens_per_window, at=at)


def window_state(holder: str, *, limit: int, at: datetime) -> WindowState:
    row = Window.objects.filter(holder=holder, resets_at__gt=at).first()
    if row is None:
        return WindowState(limit)
    return WindowState(limit, row.used + row.held, row.opened_at, row.resets_at)


def bound_of(plan: Plan) -> int | None:
    """Return how many tokens a window of this plan has in the end; None for no bound.

    A plan without a limit may still have a ceiling against abuse.
    """
    if not plan.is_unlimited:
        return plan.tokens_per_window
    return int(value("metering.unlimited_ceiling")) or None


def may_ask(caller: Caller, model: Model, *, at: datetime) -> bool:
    """Whether the caller's plan is among those that the model is for."""
    return not model.lowest_tier or plan_at(caller, at=at).order >= model.lowest_tier


def lowest_plan_for(model: Model) -> Plan | None:
    """Return the smallest plan on offer that the model is part of."""
    return Plan.objects.sold().filter(order__gte=model.lowest_tier).in_order().first()


def credits_may_pay(caller: Caller) -> bool:
    """Whether credits pay where the window does not reach.

    A member says so; a guest who bought credits has nothing else that they could be for.
    """
    said = CreditsPay.objects.filter(holder=caller.audience).values_list("allowed", flat=True)
    allowed = said.first()
    return not caller.is_member if allowed is None else allowed


def receipts_of(caller: Caller) -> ReceiptQuerySet:
    """Return the receipts of the caller's own calls, whoever paid, and of others' they paid."""
    return Receipt.objects.visible_to(caller)


def tokens_used(share: str) -> int:
    """Return how many tokens others used, and have set aside, under this name."""
    return Share.objects.filter(name=share).values_list("tokens", flat=True).first() or 0


def all_receipts() -> ReceiptQuerySet:
    """Return everybody's, for who runs the house."""
    return ReceiptQuerySet(Receipt)


def log_of(caller: Caller, *, only: str = "") -> OwnedQuerySet:
    """Return what the caller did; ``only`` what was ``done``, or what ``failed``."""
    lines = UsageLog.objects.visible_to(caller)
    if only in ("done", "failed"):
        return lines.filter(success=only == "done")
    return lines
