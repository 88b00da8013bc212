"""Makes the Sandbox known; the registry asks anew each time whether it may exist."""

from atrium.payments.gateways import registry
from atrium.payments.gateways.sandbox import personal, settling, telling
from atrium.payments.gateways.sandbox.adapter import SLUG, here

__all__ = ["personal", "settling", "telling"]

registry.register(SLUG, here)
