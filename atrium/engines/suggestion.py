"""The card of the first run, which tells administrators how to connect a model."""

from datetime import datetime

from atrium.engines.models import Model
from atrium.options.actions import set_option
from atrium.options.queries import value

OPTION = "engines.suggest_connecting"


def is_wanted() -> bool:
    """Whether nothing but Reader answers here, and nobody has put the card away."""
    if not value(OPTION):
        return False
    return not Model.objects.offered().that_answer().filter(quotes_only=False).exists()


def put_away(*, by: str, at: datetime) -> None:
    """Show the card to nobody any more, until the option brings it back."""
    set_option(key=OPTION, text="false", by=by, at=at)
