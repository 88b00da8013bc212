"""Where letters go, for pages that say so."""

from django.conf import settings


def goes_to_the_terminal() -> bool:
    """Whether no mail is set up, so that letters appear where the server was started."""
    return bool(settings.EMAIL_BACKEND.endswith("console.EmailBackend"))
