"""When people are told that their credits run low: the clock's job, and the words."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from atrium.jobs.registry import Priority, Run, every, job
from atrium.kit import clock
from atrium.notifications.models import Channel
from atrium.notifications.registry import NotificationKind, register
from atrium.plans.actions.low_balance import look_for_falls

ROUNDS = 20  # of one job; what is left waits for the next


@job("plans.look_for_falls", priority=Priority.LATER, long=True, seconds=300)
def look(run: Run) -> None:
    """Tell who fell below what they want to keep."""
    for _round in range(ROUNDS):
        if not look_for_falls(at=clock.now()):
            return
        run.check_cancelled()


every("plans.look_for_falls", timedelta(minutes=1))
register(
    NotificationKind(
        key="plans.low_balance",
        description=gettext_lazy("Your credits run low"),
        title=lambda said: _("Your credits run low"),
        body=lambda said: _("{left} credits are left.").format(left=said["left"]),
        channels=frozenset({Channel.IN_APP, Channel.MAIL}),
        icon="wallet",
    )
)
