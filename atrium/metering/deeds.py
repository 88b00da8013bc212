"""What is written into the log of usage, and what of it the statistics of a month count.

A room registers what people do in it; a call to a model is a deed, too, found by what it is about.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Stat(StrEnum):
    """What the statistics of a month count."""

    GENERATIONS = "generations"
    CHAT_MESSAGES = "chat_messages"
    STUDIO_JOBS = "studio_jobs"
    IMAGES = "images"
    EXPORT_MINUTES = "export_minutes"
    VOICEOVER_MINUTES = "voiceover_minutes"


MINUTES = frozenset({Stat.EXPORT_MINUTES, Stat.VOICEOVER_MINUTES})
"""Whose deeds have seconds for units."""

TITLES = {
    Stat.GENERATIONS: _("Generations"),
    Stat.CHAT_MESSAGES: _("Chat messages"),
    Stat.STUDIO_JOBS: _("Studio jobs"),
    Stat.IMAGES: _("Pictures"),
    Stat.EXPORT_MINUTES: _("Minutes exported"),
    Stat.VOICEOVER_MINUTES: _("Minutes of voice"),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that people do; ``stat`` is what counts it, beside the generations.

    ``about_kind`` is what the calls to models are about that do it, and ``room`` where it is done.
    """

    key: str
    title: str | Promise
    room: str | Promise
    stat: Stat | None = None
    about_kind: str = ""


CALL = Deed("call", _("A call to a model"), _("Other"))
_deeds: dict[str, Deed] = {CALL.key: CALL}


def register(*deeds: Deed) -> None:
    for deed in deeds:
        _deeds[deed.key] = deed


def every_deed() -> list[Deed]:
    return list(_deeds.values())


def deed_of(key: str) -> Deed:
    """Return the deed; one whose room is gone has a plain name."""
    return _deeds.get(key) or Deed(key, key, _("Other"))


def deed_of_calls(about_kind: str) -> Deed:
    """Return what a call about such a thing does."""
    found = (deed for deed in _deeds.values() if deed.about_kind == about_kind)
    return next(found, CALL)


def room_of(about_kind: str) -> str:
    """Return where calls about such a thing are made, in words."""
    return str(deed_of_calls(about_kind).room)


register(
    Deed("chat.message", _("Message in a chat"), _("Chat"), Stat.CHAT_MESSAGES, about_kind="turn"),
    Deed("api.call", _("Call by a program"), _("API"), about_kind="completion"),
    Deed("sources.read", _("Document read"), _("Files")),
)
