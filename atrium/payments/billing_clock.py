"""What time it is for payments and plans: the real time, unless the Sandbox's clock was turned."""

from datetime import datetime

from atrium.kit import clock


def now() -> datetime:
    """Return the time that periods, renewals and deadlines of payments go by."""
    return clock.now()
