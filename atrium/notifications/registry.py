"""Which notifications there are. A room registers its own in ``<app>/notices.py``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from atrium.notifications.models import Channel

Words = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """``title`` and ``body`` make plain text of the params, in the language of the moment."""

    key: str
    description: str | Promise
    title: Words
    body: Words
    channels: frozenset[Channel] = frozenset({Channel.IN_APP})  # unless the person chose otherwise
    always: frozenset[Channel] = frozenset()  # these cannot be switched off
    icon: str = "bell"
    even_suspended: bool = False  # whether its letters go to whom the house keeps out, too


_kinds: dict[str, NotificationKind] = {}


def register(*kinds: NotificationKind) -> None:
    """Make kinds known; a key stands once."""
    for kind in kinds:
        _kinds[kind.key] = kind


def every_kind() -> list[NotificationKind]:
    return [_kinds[key] for key in sorted(_kinds)]


def kind_of(key: str) -> NotificationKind | None:
    """Return the kind, or None when the app that told it is gone."""
    return _kinds.get(key)
