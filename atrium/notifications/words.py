"""What a notification says, in the language of whoever reads it now."""

import logging
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from atrium.notifications.models import Notification
from atrium.notifications.registry import Words, kind_of

log = logging.getLogger(__name__)


def title_of(notification: Notification) -> str:
    kind = kind_of(notification.kind)
    said = _said(kind.title, notification.params) if kind else ""
    return said or _("A notification")


def body_of(notification: Notification) -> str:
    kind = kind_of(notification.kind)
    return _said(kind.body, notification.params) if kind else ""


def icon_of(notification: Notification) -> str:
    kind = kind_of(notification.kind)
    return kind.icon if kind else "bell"


def _said(words: Words, params: Mapping[str, Any]) -> str:
    # An older row may lack what a newer sentence needs: better fewer words than no page.
    try:
        return words(params)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as fault:
        log.warning("A notification cannot be worded: %r", fault)
        return ""
