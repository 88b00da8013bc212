from typing import Any

from django import template

from atrium.people.comes_along import owned_in_words
from atrium.people.models import Guest
from atrium.people.queries import guests_are_kept_for

register = template.Library()


@register.inclusion_tag("people/guest_notice.html")
def guest_notice(guest: Guest) -> dict[str, Any]:
    """Say what a guest has made, for how long it is kept, and how to keep it."""
    return {
        "days": guests_are_kept_for(),
        "things": owned_in_words(guest=guest.pk, person=None),
    }
