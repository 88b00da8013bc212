from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "atrium.metering"
