from django.urls import path

from atrium.home import pages

app_name = "home"
urlpatterns = [path("", pages.front, name="front")]
