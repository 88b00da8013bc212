from django.urls import path

from atrium.home import pages
from atrium.notifications import pages as notifications

app_name = "home"
urlpatterns = [
    path("", pages.front, name="front"),
    path("first-card/put-away", pages.put_card_away, name="put_card_away"),
    # Not of the room of notifications: what is announced reaches people when that is closed, too.
    path("announcements", notifications.announced, name="announcements"),
    path(
        "announcements/<uuid:announcement_id>/dismiss",
        notifications.dismiss,
        name="dismiss_announcement",
    ),
]
