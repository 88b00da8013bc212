"""How usage reads on a page."""

from collections.abc import Iterable

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from atrium.ledger.amounts import shown_up
from atrium.metering.deeds import deed_of, room_of
from atrium.metering.models import Receipt, UsageLog
from atrium.metering.statistics import Day

register = template.Library()
_HIGH = 24
_STEP = 4


@register.filter
def grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


@register.filter
def paid_said(receipt: Receipt) -> str:
    """Return what a call cost, and who paid, in words."""
    if receipt.state == Receipt.State.OPEN:
        return _("running")
    if receipt.state == Receipt.State.RELEASED:
        return _("not charged")
    if receipt.is_paid_by_window:
        return _("from the plan")
    if not receipt.charged:
        return _("free")
    return _("%(credits)s credits") % {"credits": shown_up(receipt.charged)}


@register.filter
def room_said(receipt: Receipt) -> str:
    return room_of(receipt.about_kind)


@register.filter
def deed_said(line: UsageLog) -> str:
    return str(deed_of(line.action).title)


@register.simple_tag
def sparkline(days: Iterable[Day], label: str) -> SafeString:
    """Draw the tokens of each day as a bar, the last day at the end; the largest is full height."""
    tokens = [day.sums.tokens for day in days]
    most = max([*tokens, 1])
    bars = "".join(
        f"M{number * _STEP} {_HIGH}v-{max(1, round(count * _HIGH / most)) if count else 0}h3"
        f"V{_HIGH}z"
        for number, count in enumerate(tokens)
    )
    said = _("%(what)s: tokens of each day, at most %(most)s") % {
        "what": label,
        "most": grouped(max(tokens, default=0)),
    }
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><path d="{}"/></svg>',
        len(tokens) * _STEP,
        _HIGH,
        said,
        bars,
    )
