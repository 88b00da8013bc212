from django.urls import path

from atrium.privacy import pages

app_name = "privacy"
urlpatterns = [
    path("settings/data", pages.data, name="data"),
    path("settings/data/erasure", pages.erasure, name="leave"),
    path("settings/data/keep", pages.keep, name="keep"),
    path("suspended/data", pages.suspended, name="suspended"),
    path("suspended/data/<uuid:export_id>", pages.suspended_content, name="suspended_content"),
    path("privacy/exports", pages.ask_export, name="ask_export"),
    path("privacy/exports/<uuid:export_id>/cancel", pages.call_off, name="call_off"),
    path("privacy/exports/<uuid:export_id>/content", pages.content, name="content"),
    path("privacy/erasure", pages.table, name="erasure"),
    path("privacy/here", pages.here, name="here"),
    path("privacy/here/forget", pages.forget, name="forget"),
]
