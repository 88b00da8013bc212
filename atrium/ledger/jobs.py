from datetime import timedelta

from atrium.jobs.registry import Priority, every, job
from atrium.jobs.run import Run
from atrium.kit import clock
from atrium.ledger import actions


@job("ledger.end_orphans", priority=Priority.LATER, long=True, seconds=600)
def end_orphans(run: Run) -> None:
    """End what was set aside for calls that nobody ended by their deadline."""
    while actions.end_orphans(at=clock.now()):
        run.check_cancelled()


every("ledger.end_orphans", timedelta(seconds=30))
