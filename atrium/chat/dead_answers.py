"""An answer whose process died is charged for the text that was kept, whoever notices first."""

from atrium.chat.actions import abandon_call, abandon_title
from atrium.chat.actions.titles import TITLE
from atrium.metering.dead_calls import register

register("turn", abandon_call)
register(TITLE, abandon_title)
