"""Where a chat comes from, and how a shared one reads."""

from django import template
from django.utils.safestring import SafeString

from atrium.chat.copies import fork_of
from atrium.chat.models import Chat, Fork, SharedTurn
from atrium.web.markdown import render

register = template.Library()


@register.simple_tag
def begun_with(chat: Chat) -> Fork | None:
    """Return what says that the chat began with a shared one."""
    return fork_of(chat)


@register.filter
def as_shared(turn: SharedTurn) -> SafeString:
    """Return a shared answer as HTML, its [n] leading to what it quoted, below it."""
    named = (one["number"] for one in turn.sources if one["title"])
    return render(
        turn.text, citations={number: f"#source-{turn.number}-{number}" for number in named}
    )
