from django.urls import path

from atrium.metering.pages import everybody, usage

app_name = "metering"
urlpatterns = [
    path("usage", usage.overview, name="usage"),
    path("usage/credits", usage.credits_pay, name="credits_pay"),
    path("usage/receipts", usage.receipts, name="receipts"),
    path("usage/receipts.csv", usage.receipts_csv, name="receipts_csv"),
    path("usage/log", usage.log, name="log"),
    path("usage/log.csv", usage.log_csv, name="log_csv"),
    path("console/usage", everybody.everybody, name="everybody"),
]
