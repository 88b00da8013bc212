"""The card of the first run, which tells administrators how to connect a model."""

from datetime import datetime

from atrium.engines.queries import somebody_writes
from atrium.options.actions import set_option
from atrium.options.queries import value

OPTION = "engines.suggest_connecting"


def is_wanted() -> bool:
    """Whether nothing but Reader answers here, and nobody has put the card away."""
    return bool(value(OPTION)) and not somebody_writes()


def put_away(*, by: str, at: datetime) -> None:
    """Show the card to nobody any more, until the option brings it back."""
    set_option(key=OPTION, text="false", by=by, at=at)
