"""An answer whose process died is charged for the text that was kept, whoever notices first."""

from atrium.chat.actions import abandon_call
from atrium.metering.dead_calls import register

register("turn", abandon_call)
