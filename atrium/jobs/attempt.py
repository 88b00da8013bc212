"""One attempt at one job, from its claim to its ending."""

import logging

from django.db import transaction

from atrium.jobs import endings, registry
from atrium.jobs.run import Cancelled, LeaseLost, Run
from atrium.kit import clock

logger = logging.getLogger(__name__)


def attempt(run: Run) -> None:
    """Run the claimed job and write down how it ended. Nothing the job does gets out of here.

    What the database refuses (it is gone, say) does: the lease then runs out, and the reaper
    brings the job back.
    """
    try:
        try:
            _perform(run)
        except Cancelled:
            endings.end_cancelled(run.job, at=clock.now())
        except LeaseLost:
            raise
        except (Exception, SystemExit) as fault:
            logger.warning("%s, attempt %s: %r", run.job, run.job.attempt, fault, exc_info=fault)
            endings.fail(run.job, fault, at=clock.now())
    except LeaseLost:
        logger.warning("%s is no longer ours; nothing was written", run.job)


def _perform(run: Run) -> None:
    job = run.job
    kind = registry.kind_of(job.name)
    run.is_long = kind.is_long
    arguments = kind.read(job.arguments)
    if run.is_lost:
        raise LeaseLost(str(job))
    if run.is_cancel_asked:
        raise Cancelled(str(job))
    if kind.is_long:
        kind.handler(run, **arguments)
    with transaction.atomic():
        if not kind.is_long:
            kind.handler(run, **arguments)
        # The fence is looked at last: were the row locked first, a stopped process would hold it
        # for ever, and nobody could take its job over.
        endings.finish(job, at=clock.now())
