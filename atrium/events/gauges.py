from atrium.events.hub import running_hub
from atrium.web.metrics import Gauge


def _open_streams() -> int:
    hub = running_hub()
    return hub.open_streams if hub else 0


Gauge("atrium_open_streams", "Browsers that listen to this process.", _open_streams)
