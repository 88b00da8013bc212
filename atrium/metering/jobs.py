from datetime import timedelta

from atrium.jobs.registry import Priority, every, job
from atrium.jobs.run import Run
from atrium.kit import clock
from atrium.metering.actions.log import forget_old_log

ROUNDS = 50  # of one job; what is left waits for the next


@job("metering.forget_old_log", priority=Priority.LATER, long=True, seconds=300)
def forget(run: Run) -> None:
    """Remove what of the log is older than it is kept."""
    for _round in range(ROUNDS):
        if not forget_old_log(at=clock.now()):
            return
        run.check_cancelled()


every("metering.forget_old_log", timedelta(hours=12))
