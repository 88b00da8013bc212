"""Where our links lead: to the public address, whatever name the request came by (RULES 17)."""

from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def lead_home(request: HttpRequest) -> None:
    """Have ``request.build_absolute_uri`` answer with the public address, for packages that ask."""

    def absolute(location: str | None = None) -> str:
        return urljoin(settings.PUBLIC_ADDRESS, location or request.get_full_path())

    request.build_absolute_uri = absolute  # type: ignore[method-assign]


def onward(request: HttpRequest) -> str:
    """Return the page that ``next`` asks for, if it is one of ours, else the front page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    local = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if local else "/"
