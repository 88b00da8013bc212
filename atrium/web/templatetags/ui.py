"""The parts that templates name instead of spelling out."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy

from atrium.kit import clock
from atrium.web.icons import MIRRORED, STROKES
from atrium.web.shell import Room
from atrium.web.static_files import integrity

register = template.Library()

# Django's own words stand in the nominative, which no case language says beside “ago” and “in”.
_SPANS: dict[str, Any] = {
    "year": npgettext_lazy("beside “ago” or “in”", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("beside “ago” or “in”", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("beside “ago” or “in”", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("beside “ago” or “in”", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("beside “ago” or “in”", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("beside “ago” or “in”", "%(num)d minute", "%(num)d minutes", "num"),
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw the icon ``name``; silent to a screen reader unless it has a ``label``."""
    return _drawn(name, str(label))


@lru_cache(maxsize=1000)
def _drawn(name: str, label: str) -> SafeString:
    classes = "icon mirrored" if name in MIRRORED else "icon"
    stroke = format_html('<path d="{}"/>', STROKES[name])
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>',
            classes,
            label,
            stroke,
        )
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        classes,
        stroke,
    )


@register.simple_tag
def meter(value: float, of: float, label: str = "", kind: str = "") -> SafeString:
    """Draw how much of something is used; ``kind`` is gold for value."""
    share = _percent(value, of)
    return format_html(
        '<svg class="meter {}" viewBox="0 0 100 1" preserveAspectRatio="none" role="meter" '
        'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{}" aria-label="{}">'
        '<rect width="{}" height="1"/></svg>',
        kind,
        share,
        label or _("Used"),
        share,
    )


def _percent(value: float, of: float) -> str:
    share = min(max(float(value) / float(of), 0.0), 1.0) * 100 if of else 0.0
    return f"{share:.2f}".rstrip("0").rstrip(".")


@register.simple_tag
def chip(text: object, kind: str = "", icon_name: str = "") -> SafeString:
    """Draw a small label: plain, ``gold`` for value, ``ok``, ``danger``."""
    drawn = icon(icon_name) if icon_name else ""
    return format_html('<span class="chip {}">{}{}</span>', kind, drawn, text)


@register.simple_tag(takes_context=True)
def room_links(context: Context, most: int | None = None) -> SafeString:
    """Draw the rooms, or the first ``most`` of them; in Python, as each page draws them thrice."""
    shell = context["shell"]
    drawn = []
    for room in shell.rooms[:most]:
        link = _room_link(room.url, room.icon, str(room.title), room.key == shell.current)
        number = badge(context, room) if room.badge else ""
        drawn.append(f"{link}{number}</a>")
    return SafeString("\n".join(drawn))


@lru_cache(maxsize=500)
def _room_link(url: str, icon_name: str, title: str, is_open: bool) -> SafeString:  # noqa: FBT001
    open_one = SafeString(' aria-current="page"') if is_open else ""
    drawn = icon(icon_name)
    return format_html('<a href="{}"{}>{}<span>{}</span>', url, open_one, drawn, title)


@register.simple_tag(takes_context=True)
def preference_buttons(context: Context) -> SafeString:
    """Draw the choices of theme and language."""
    shell = context["shell"]
    return _preference_buttons(shell.theme, shell.language)


@lru_cache(maxsize=200)
def _preference_buttons(theme: str, language: str) -> SafeString:
    chosen = {"theme": theme, "language": language, "languages": settings.LANGUAGES}
    return render_to_string("web/parts/preference_buttons.html", chosen)


@register.simple_tag(takes_context=True)
def badge(context: Context, room: Room) -> SafeString:
    """Draw the number of a room that has one; the page keeps it true while it is open."""
    if room.badge is None:
        return SafeString("")
    number = context["shell"].count_of(room)
    return format_html(
        '<span class="chip badge" data-badge="{}" data-kind="{}" data-field="{}"{}>'
        '<span class="sr">{}: </span><span>{}</span></span>',
        room.key,
        room.badge.kind,
        room.badge.field,
        "" if number else SafeString(" hidden"),
        room.badge.said,
        number,
    )


@register.simple_tag
def face(name: object, kind: str = "") -> SafeString:
    """Draw somebody's picture, else the round first letter of their name."""
    if address := getattr(name, "portrait_url", ""):
        return format_html(
            '<img class="face {}" src="{}" alt="" width="512" height="512" decoding="async">',
            kind,
            address,
        )
    letter = str(name).strip()[:1].upper() or "?"
    return format_html('<span class="face {}" aria-hidden="true">{}</span>', kind, letter)


@register.simple_tag
def ago(moment: datetime | None) -> SafeString:
    """Say how long ago, or in how long, with the exact time at hand."""
    if moment is None:
        return SafeString("")
    said = _how_long(moment, clock.now())
    exact = formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, said)


def _how_long(moment: datetime, now: datetime) -> str:
    if abs((now - moment).total_seconds()) < 60:
        return _("just now")
    if moment < now:
        return _("%(time)s ago") % {"time": timesince(moment, now, time_strings=_SPANS, depth=1)}
    return _("in %(time)s") % {"time": timeuntil(moment, now, time_strings=_SPANS, depth=1)}


@register.simple_tag
def stylesheet(name: str) -> SafeString:
    """Link a style sheet of ours, with its digest."""
    return _loaded('<link rel="stylesheet" href="{}"{}>', name)


@register.simple_tag
def module(name: str) -> SafeString:
    """Load an ES module of ours, with its digest."""
    return _loaded('<script type="module" src="{}"{}></script>', name)


@register.simple_tag
def script(name: str) -> SafeString:
    """Load a plain deferred script from a package, with its digest."""
    return _loaded('<script defer src="{}"{}></script>', name)


def _loaded(how: str, name: str) -> SafeString:
    # What was collected for production stays as it is for as long as the process does.
    return _kept(how, name) if settings.PRODUCTION else _fresh(how, name)


def _fresh(how: str, name: str) -> SafeString:
    digest = integrity(name)
    known = format_html(' integrity="{}"', digest) if digest else SafeString("")
    return format_html(how, static(name), known)


_kept = lru_cache(maxsize=200)(_fresh)


@register.filter
def in_words(name: object) -> str:
    """Say a name out of the code, such as a column's, in the reader's language."""
    return _(str(name)) if name else ""


@register.inclusion_tag("web/parts/field.html")
def field(bound: BoundField, hint: str = "") -> dict[str, Any]:
    """Draw a form's field with its label, help and error, tied together for a screen reader."""
    described = [f"{bound.id_for_label}-help"] if (hint or bound.help_text) else []
    if bound.errors:
        described.append(f"{bound.id_for_label}-error")
    attributes: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    kind = getattr(bound.field.widget, "input_type", "")
    return {
        "field": bound,
        "hint": hint or bound.help_text,
        "control": mark_safe(bound.as_widget(attrs=attributes)),  # noqa: S308 — Django escaped it
        "is_check": kind == "checkbox" and not hasattr(bound.field, "choices"),
        "is_group": kind in {"radio", "checkbox"} and hasattr(bound.field, "choices"),
    }
