from datetime import timedelta

from atrium.api.models import IdempotentRequest
from atrium.jobs.registry import Priority, Run, every, job
from atrium.kit import clock


@job("api.forget_answers", priority=Priority.LATER)
def forget_answers(run: Run) -> None:
    """Delete what was kept for repeated calls and is too old to be asked for."""
    IdempotentRequest.objects.filter(expires_at__lte=clock.now()).delete()


every("api.forget_answers", timedelta(hours=1))
