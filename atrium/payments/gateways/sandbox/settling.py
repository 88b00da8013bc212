"""What the Sandbox does by itself, after a while."""

from uuid import UUID

from django.conf import settings

from atrium.jobs.registry import Run, job
from atrium.kit import clock
from atrium.payments.gateways.sandbox import desk
from atrium.payments.models import SandboxOrder


@job("payments.sandbox_settle")
def settle(run: Run, *, order: UUID, whatever: bool = False) -> None:
    """Let money arrive that was on its way, or ``whatever`` happened meanwhile."""
    found = SandboxOrder.objects.get(pk=order)
    if settings.SANDBOX and (whatever or found.state == SandboxOrder.State.PROCESSING):
        desk.pay(found, at=clock.now())
