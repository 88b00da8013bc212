from datetime import timedelta

from atrium.chat import actions
from atrium.jobs.registry import every, job
from atrium.jobs.run import Run
from atrium.kit import clock


@job("chat.abandon_turns")
def abandon_turns(run: Run) -> None:
    """End answers whose process died."""
    actions.abandon_turns(at=clock.now())


every("chat.abandon_turns", timedelta(seconds=10))
