"""What pages of other rooms say of engines."""

from typing import Any

from django import template

from atrium.engines import suggestion

register = template.Library()


@register.inclusion_tag("engines/parts/suggestion.html", takes_context=True)
def how_to_connect(context: dict[str, Any]) -> dict[str, Any]:
    """Show an administrator how to connect a model, while nothing but Reader answers."""
    request = context["request"]
    wanted = request.caller.is_admin and suggestion.is_wanted()
    return {"request": request, "wanted": wanted, "csrf_token": context.get("csrf_token")}
