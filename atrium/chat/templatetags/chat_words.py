"""How turns and receipts read on a page."""

from django import template
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.chat.models import Turn
from atrium.kit.credits import shown_charge
from atrium.metering.models import Receipt
from atrium.web.markdown import render

register = template.Library()


@register.filter
def as_answer(turn: Turn) -> SafeString:
    """Return the answer as HTML, its [n] leading to the sources under it."""
    citations = {
        source.number: f"#cite-{turn.pk}-{source.number}" for source in turn.citations.all()
    }
    return render(turn.text, citations=citations)


@register.filter
def receipt_lines(receipt: Receipt) -> list[str]:
    """Return what a call used, for the line under its answer."""
    tokens = ngettext("%(count)s token", "%(count)s tokens", receipt.tokens)
    lines = [tokens % {"count": number_format(receipt.tokens, force_grouping=True)}]
    if receipt.ended_at:
        lines.append(_("%(seconds)s s") % {"seconds": number_format(receipt.seconds, 1)})
    return lines


@register.filter
def charge_said(receipt: Receipt) -> str:
    """Return what a call cost, in words."""
    if receipt.state == Receipt.State.OPEN:
        return _("not charged yet")
    if not receipt.charged:
        return _("free")
    return _("%(credits)s credits") % {"credits": shown_charge(receipt.charged)}
