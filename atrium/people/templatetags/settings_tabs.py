from typing import Any

from django import template
from django.template import Context

from atrium.people.settings_pages import page_at, settings_pages

register = template.Library()


@register.inclusion_tag("people/settings_tabs.html", takes_context=True)
def settings_tabs(context: Context) -> dict[str, Any]:
    """Draw the tabs; the open one is the context's ``tab``, else the one whose address this is."""
    return {
        "pages": settings_pages(context["request"].caller),
        "current": context.get("tab") or page_at(context["request"].path),
    }
