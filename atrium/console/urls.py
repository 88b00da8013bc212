from django.contrib import admin
from django.urls import path

from atrium.console import pages

urlpatterns = [
    path("console", pages.front, name="console"),
    path("console/", admin.site.urls),
]
