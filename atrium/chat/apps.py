from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "atrium.chat"

    def ready(self) -> None:
        from atrium.chat import claim, dead_answers, jobs, reportable, room  # noqa: F401, PLC0415
