"""An engine that nobody answers for, and its model."""

from atrium.engines.actions import Prices, connect
from atrium.engines.models import Provider
from atrium.kit import clock


def connected_for_everybody() -> dict[str, str]:
    """Connect an engine that is not offered; return what addresses call it."""
    provider = connect(
        name="Nobody",
        kind=Provider.Kind.OPENAI,
        url="http://127.0.0.1:1/v1",
        models=["nobody-1"],
        prices=Prices(),
        by="system",
        at=clock.now(),
    )
    model = provider.offers.get()
    provider.offers.update(enabled=False)
    return {
        "engines.provider": str(provider.pk),
        "engine_id": str(provider.pk),
        "engines.model": str(model.pk),
    }
