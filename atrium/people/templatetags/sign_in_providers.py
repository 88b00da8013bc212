from typing import Any

from django import template
from django.template import Context

from atrium.people.models import SignInProvider

register = template.Library()


@register.inclusion_tag("people/parts/providers.html", takes_context=True)
def sign_in_providers(context: Context) -> dict[str, Any]:
    """Draw a button for each provider that the operator set up, and nothing where there is none."""
    return {
        "sign_in_providers": SignInProvider.objects.offered(),
        "next": context.get("next") or "/",
        "csrf_token": context.get("csrf_token"),
    }
