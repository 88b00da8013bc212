"""What is said of a file whose chats could not be brought in."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override


def said_of(reason: str, language: str) -> str:
    """Return the sentence for a reason of the reader or of its limits, in the person's language."""
    with override(language or settings.LANGUAGE_CODE):
        return {
            "not_json": _("This is neither JSON nor a zip with JSON in it, or it is cut off."),
            "too_deep": _("This file is nested too deeply to be chats."),
            "too_much": _("This file holds more than can be brought in at once."),
            "unknown": _(
                "These are no chats of ChatGPT, Open WebUI, LibreChat or Atrium, or of a version"
                " that is not known here."
            ),
            "empty": _("There are no chats in this file."),
            "memory": _("Reading this file would take too much memory, so it was stopped."),
            "cpu": _("Reading this file took too long, so it was stopped."),
            "wall": _("Reading this file took too long, so it was stopped."),
            "file": _("This file holds more than can be brought in at once."),
        }.get(reason, _("This file could not be read."))
