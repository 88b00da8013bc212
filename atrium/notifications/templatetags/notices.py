from django import template

from atrium.notifications.words import body_of, icon_of, title_of

register = template.Library()
register.filter("title_of", title_of)
register.filter("body_of", body_of)
register.filter("icon_of", icon_of)
