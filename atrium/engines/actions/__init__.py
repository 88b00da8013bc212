"""Everything that can be done about providers and their models."""

from atrium.engines.actions.changing import (
    Bounds,
    ModelTerms,
    change_model,
    change_provider,
    offer_models,
)
from atrium.engines.actions.connecting import (
    FREE,
    CannotConnect,
    Prices,
    connect,
    disconnect,
    offer_built_in,
)

__all__ = [
    "FREE",
    "Bounds",
    "CannotConnect",
    "ModelTerms",
    "Prices",
    "change_model",
    "change_provider",
    "connect",
    "disconnect",
    "offer_built_in",
    "offer_models",
]
