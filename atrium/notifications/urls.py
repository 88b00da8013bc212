from django.urls import path

from atrium.notifications import pages

app_name = "notifications"
urlpatterns = [
    path("notifications", pages.room, name="room"),
    path("notifications/read", pages.read_all, name="read_all"),
    path("notifications/<uuid:notification_id>/read", pages.read, name="read"),
    path("notifications/choices", pages.choices, name="choices"),
    path("notifications/address/try-again", pages.try_again, name="try_again"),
    path("notifications/unsubscribe/<str:token>", pages.unsubscribe, name="unsubscribe"),
]
