from collections.abc import Iterable

from atrium.notifications.models import Channel


def wanted_of(boxes: Iterable[str]) -> set[tuple[str, Channel]]:
    """Return the kinds and channels whose boxes are ticked; what we do not know is left out."""
    found = set()
    for box in boxes:
        kind, _colon, channel = box.rpartition(":")
        if kind and channel in Channel.values:
            found.add((kind, Channel(channel)))
    return found
