from django.urls import path

from atrium.moderation.pages import blocked, reports, suspended

app_name = "moderation"
urlpatterns = [
    path("report/<slug:kind>/<uuid:thing_id>", reports.report, name="report"),
    path("settings/blocked", blocked.blocked, name="blocked"),
    path("settings/blocked/report", reports.report_person, name="report_person"),
    path("settings/blocked/<uuid:block_id>/unblock", blocked.unblock, name="unblock"),
    path("settings/blocked/decisions/<uuid:decision_id>", blocked.decision, name="decision"),
    path("suspended", suspended.suspended, name="suspended"),
]
