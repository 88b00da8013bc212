from datetime import datetime

from atrium.metering.models import CreditsPay
from atrium.people.caller import Caller


def let_credits_pay(*, by: Caller, allowed: bool, at: datetime) -> None:
    """Let the caller's credits pay for calls that the window does not reach, or no longer."""
    CreditsPay.objects.update_or_create(
        holder=by.audience, defaults={"allowed": allowed, "said_at": at}
    )
