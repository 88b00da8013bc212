from datetime import timedelta

from atrium.jobs.registry import Priority, every, job
from atrium.jobs.run import Run
from atrium.kit import clock
from atrium.ledger import actions


@job("ledger.end_orphans", priority=Priority.LATER, long=True, seconds=600)
def end_orphans(run: Run) -> None:
    """End what was set aside for calls that nobody ended by their deadline."""
    while actions.end_orphans(at=clock.now()).asked:
        run.check_cancelled()


@job("ledger.check_recent_books", priority=Priority.LATER, long=True, seconds=600)
def check_recent_books(run: Run) -> None:
    """Add up again what was touched since the last time."""
    while actions.check_recent_books(at=clock.now()):
        run.check_cancelled()


@job("ledger.check_all_books", priority=Priority.LATER, long=True, seconds=4 * 3600)
def check_all_books(run: Run) -> None:
    """Add everything up again."""
    actions.check_all_books(at=clock.now())


@job("ledger.close_days", priority=Priority.LATER, long=True, seconds=3600)
def close_days(run: Run) -> None:
    """Close the days that are over: each root stands for all that was posted."""
    while actions.close_next_day(at=clock.now()):
        run.check_cancelled()


every("ledger.end_orphans", timedelta(seconds=30))
every("ledger.check_recent_books", timedelta(minutes=1))
every("ledger.check_all_books", cron="40 2 * * *")
every("ledger.close_days", cron="0 1 * * *")
