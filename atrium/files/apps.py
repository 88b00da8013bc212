from importlib import import_module
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "atrium.files"
    verbose_name = _("Files")

    def ready(self) -> None:
        for part in ("claim", "options", "jobs", "reactions", "room", "gauges"):
            import_module(f"{self.name}.{part}")
        # Django puts bodies on their way there, and does not make the folder.
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
