from django.urls import path

from atrium.web import pages
from atrium.web.departures import WAY_OUT

app_name = "web"
urlpatterns = [
    path("badges", pages.badges, name="badges"),
    path("preferences", pages.preferences, name="preferences"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
    path("metrics", pages.metrics_text, name="metrics"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("sw.js", pages.service_worker, name="service_worker"),
    path("offline", pages.offline, name="offline"),
    path(WAY_OUT.removeprefix("/"), pages.leaving, name="leaving"),
    path("look", pages.look_page, name="look"),
]
