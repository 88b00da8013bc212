from django import template

from atrium.ledger.amounts import shown, shown_change, shown_up

register = template.Library()
register.filter("shown", shown)
register.filter("shown_up", shown_up)
register.filter("shown_change", shown_change)
