from django import template

from atrium.files.sizes import amount

register = template.Library()
register.filter("amount", amount)
