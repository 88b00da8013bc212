"""What the log of usage says of somebody, and what addresses call it."""

from atrium.kit import clock
from atrium.metering.actions import let_credits_pay
from atrium.metering.models import UsageLog
from atrium.people.models import Guest, User
from tests import make


def metered(owner: User | Guest) -> dict[str, str]:
    """Say whose credits pay; the calls themselves were made in a chat."""
    by = make.caller(owner)
    let_credits_pay(by=by, allowed=False, at=clock.now())
    line = UsageLog.objects.of(by).order_by("-id")[0]
    return {"metering.usagelog": str(line.pk)}
