from atrium.kit import clock
from atrium.moderation.queries import how_much_waits
from atrium.web.metrics import Gauge

Gauge(
    "atrium_moderation_waiting",
    "What waits for a moderator: reports, those of them that are overdue, and appeals.",
    lambda: how_much_waits(at=clock.now()),
    label="what",
)
