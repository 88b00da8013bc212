"""Where our links lead: to the public address, whatever name the request came by (RULES 17)."""

from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest


def lead_home(request: HttpRequest) -> None:
    """Have ``request.build_absolute_uri`` answer with the public address, for packages that ask."""

    def absolute(location: str | None = None) -> str:
        return urljoin(settings.PUBLIC_ADDRESS, location or request.get_full_path())

    request.build_absolute_uri = absolute  # type: ignore[method-assign]
