from django import template
from django.utils.safestring import SafeString

from atrium.payments import story
from atrium.payments.models import Payment
from atrium.web.templatetags.ui import chip

register = template.Library()
register.filter("gateway_title", story.gateway_title)
register.filter("purpose_title", story.purpose_title)


@register.simple_tag
def state_chip(payment: Payment) -> SafeString:
    """Draw where a payment stands."""
    told = story.story_of(payment)
    return chip(told.title, told.kind)
