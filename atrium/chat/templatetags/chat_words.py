"""How turns and receipts read on a page."""

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.chat.access import asker_of
from atrium.chat.models import AskedPicture, Chat, Collaborator, Turn
from atrium.chat.models.turn import Asker
from atrium.chat.seeing import shown_with
from atrium.engines.queries import somebody_sees, somebody_writes
from atrium.files.kinds import KINDS, Use
from atrium.files.sizes import amount
from atrium.kit.credits import shown_charge
from atrium.kit.limits import LIMITS
from atrium.metering.models import Receipt
from atrium.people.access import shown_name
from atrium.sources.reading import largest_to_read, readable_endings, readable_kinds
from atrium.web.markdown import render, render_growing

register = template.Library()


@register.filter
def as_answer(turn: Turn) -> SafeString:
    """Return the answer as HTML, its [n] leading to the passages they stand for."""
    citations = {
        source.number: reverse("chat:source", args=[turn.pk, source.number])
        for source in turn.citations.all()
    }
    return render(turn.text, citations=citations)


@register.filter
def as_growing(turn: Turn) -> SafeString:
    """Return what stands of an answer that is being written, as HTML."""
    grown = render_growing(turn.text)
    return grown.settled + grown.last


@register.filter
def owner_said(chat: Chat) -> str:
    """Return the name of the chat's owner, as others read it."""
    return shown_name(chat)


@register.filter
def owner_face(chat: Chat) -> Asker:
    """Return the chat's owner with their picture, as others see it."""
    return asker_of(chat.person)


@register.filter
def face_of(one: Collaborator) -> Asker:
    """Return who takes part, with their picture, as others see it."""
    return asker_of(one.person)


@register.filter
def added_by_said(one: Collaborator) -> str:
    return str(asker_of(one.added_by))


@register.filter
def tokens_said(tokens: int | None) -> str:
    return number_format(tokens or 0, force_grouping=True)


@register.filter
def pictures_shown(turn: Turn) -> list[AskedPicture]:
    """Return the pictures that a question was asked with, and that are still there."""
    return shown_with(turn.pictures.all())


@register.simple_tag
def endings_to_attach() -> str:
    """Return how names of files end that a chat takes, as a file field accepts them."""
    return ",".join([*readable_endings(), *(_pictures() if somebody_sees() else ())])


def _pictures() -> list[str]:
    return [ending for kind in KINDS if Use.SEE in kind.uses for ending in kind.extensions]


@register.simple_tag
def largest_to_attach() -> int:
    """Return the bytes that one attached file may have."""
    return largest_to_read()


@register.simple_tag
def kinds_to_attach() -> str:
    """Return which files a chat can read, and how large they may be, in a line for people."""
    said = _("%(kinds)s up to %(most)s")
    return "; ".join(
        said % {"kinds": kinds, "most": amount(most)} for kinds, most in readable_kinds()
    )


@register.simple_tag
def nobody_writes() -> bool:
    """Tell whether files and questions stay here, since nothing but Reader answers."""
    return not somebody_writes()


@register.simple_tag
def pictures_to_attach() -> str:
    """Return what becomes of pictures, where a model takes them."""
    if not somebody_sees():
        return ""
    return _("Pictures up to %(most)s are given to the model.") % {
        "most": amount(LIMITS.asked_picture_bytes)
    }


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
