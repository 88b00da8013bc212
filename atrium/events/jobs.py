import logging
from datetime import timedelta

from atrium.events import actions, registry
from atrium.jobs.registry import Priority, Run, every, job
from atrium.kit import clock

logger = logging.getLogger(__name__)


@job(registry.DELIVER, priority=Priority.SOON, attempts=8)
def deliver(run: Run, *, event_id: int, listener: str) -> None:
    if why_not := registry.deliver(event_id=event_id, listener=listener, at=clock.now()):
        logger.info("Event %s was not told to %s: %s", event_id, listener, why_not)
        run.progress(1, 1, note=why_not)


@job("events.prune", priority=Priority.LATER, long=True)
def prune(run: Run) -> None:
    with run.writing():
        run.progress(gone := actions.prune(at=clock.now()), gone)


every("events.prune", timedelta(hours=6))
