"""With which wishes a chat is about to begin."""

from typing import Any
from uuid import UUID

from django import template

from atrium.chat.models import Preset
from atrium.chat.queries import presets_for
from atrium.engines.models import Model

register = template.Library()


@register.simple_tag
def models_to_ask() -> list[Model]:
    """Return the models that may be asked now, best first."""
    return list(Model.objects.offered().that_answer())


@register.simple_tag(takes_context=True)
def wanted_preset(context: dict[str, Any]) -> Preset | None:
    """Return the preset that the address names, if the caller may begin with it."""
    request = context["request"]
    try:
        wanted = UUID(request.GET.get("preset", ""))
    except ValueError:
        return None
    return presets_for(request.caller).filter(pk=wanted).first()
