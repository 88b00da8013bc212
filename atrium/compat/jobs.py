from datetime import timedelta

from atrium.compat import actions
from atrium.jobs.registry import every, job
from atrium.jobs.run import Run
from atrium.kit import clock


@job("compat.end_dead_calls")
def end_dead_calls(run: Run) -> None:
    """End calls whose process died."""
    actions.end_dead_calls(at=clock.now())


every("compat.end_dead_calls", timedelta(seconds=10))
