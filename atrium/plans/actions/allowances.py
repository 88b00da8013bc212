"""What a plan lets somebody do so often a month: counted before it is done."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from atrium.kit.errors import TooMany
from atrium.people.caller import Caller
from atrium.plans.allowances import deed_of
from atrium.plans.models import UNLIMITED, AllowanceUse
from atrium.plans.queries import allowance_of


class AllowanceReached(TooMany):
    """The plan lets them do this no more until its next period."""

    code = "allowance_reached"


def use_allowance(*, by: Caller, action: str, amount: int = 1, at: datetime) -> None:
    """Count a deed before it is done; what the plan does not bound is counted all the same.

    :raises AllowanceReached: with how much was used, and when the next period begins
    """
    has = allowance_of(by, action, at=at)
    named = {"holder": by.audience, "action": action, "period_began_at": has.began_at}
    AllowanceUse.objects.bulk_create([AllowanceUse(**named)], ignore_conflicts=True)
    row = AllowanceUse.objects.filter(**named)
    if has.limit != UNLIMITED:
        row = row.filter(used__lte=has.limit - amount)
    if not row.update(used=F("used") + amount):
        deed = deed_of(action)
        raise AllowanceReached(
            _("%(used)s of %(limit)s this month are used: %(what)s.")
            % {"used": has.used, "limit": has.limit, "what": deed.title if deed else action},
            limit=has.limit,
            used=has.used,
            retry_at=has.ends_at,
            way_on=_("Wait for the next month of your plan, or choose a larger one at /plans."),
        )


def give_back(*, by: Caller, action: str, amount: int = 1, at: datetime) -> None:
    """Take back what was counted for something that did not come about."""
    has = allowance_of(by, action, at=at)
    rows = AllowanceUse.objects.filter(
        holder=by.audience, action=action, period_began_at=has.began_at, used__gte=amount
    )
    rows.update(used=F("used") - amount)
