"""Pages of the shell itself: preferences, health, metrics, the offline page, the look."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from atrium.web import departures, health, look, metrics
from atrium.web.policy import page
from atrium.web.render import render_page
from atrium.web.shell import THEMES, Shell, keep_preferences

YEAR = 365 * 24 * 3600
_LOOPBACK = {"127.0.0.1", "::1"}


@page("POST", who="anyone")
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the theme and the language in this browser, and go back to where it was chosen."""
    response = HttpResponseRedirect(_back(request))
    chosen = {}
    theme = request.POST.get("theme", "")
    if theme in (*THEMES, "system"):
        _keep(response, "theme", theme)
        chosen["theme"] = theme
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
        chosen["language"] = language
    keep_preferences(request, chosen)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _back(request: HttpRequest) -> str:
    came_from = request.headers.get("Referer", "")
    own = {request.get_host()}
    return came_from if url_has_allowed_host_and_scheme(came_from, allowed_hosts=own) else "/"


@page("GET", who="anyone")
def badges(request: HttpRequest) -> HttpResponse:
    """Say the numbers beside the rooms, as a page asks once it can hear of any change."""
    around = Shell(request)
    rooms = [room for room in around.rooms if room.badge]
    answer = JsonResponse({room.key: around.count_of(room) for room in rooms})
    answer["Cache-Control"] = "no-store"
    return answer


@page("GET", who="anyone")
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@page("GET", who="anyone")
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether everything needed to serve stands, each probe by name."""
    found = health.probe_all()
    ready = all(probe["ok"] for probe in found.values())
    shown: dict[str, Any] = {"ready": ready, "probes": found}
    return JsonResponse(shown, status=200 if ready else 503)


@page("GET", who="anyone")
def metrics_text(request: HttpRequest) -> HttpResponse:
    """Show the counters to this machine, or to who brings the token."""
    if not _may_measure(request):
        raise Http404
    return HttpResponse(
        metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _may_measure(request: HttpRequest) -> bool:
    if metrics.token_is_right(request.headers.get("Authorization", "")):
        return True
    # Behind a proxy every request comes from this machine; there only the token counts.
    direct = not settings.ATRIUM.trusted_proxies and "X-Forwarded-For" not in request.headers
    return direct and request.META.get("REMOTE_ADDR") in _LOOPBACK


@page("GET", who="anyone")
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the installable app."""
    icons = [
        {"src": static("web/icon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("web/icon-192.png"), "type": "image/png", "sizes": "192x192"},
        {"src": static("web/icon-512.png"), "type": "image/png", "sizes": "512x512"},
        {
            "src": static("web/icon-maskable-512.png"),
            "type": "image/png",
            "sizes": "512x512",
            "purpose": "maskable",
        },
    ]
    described = {
        "id": "/",
        "name": "Atrium",
        "short_name": "Atrium",
        "description": _("A home for AI that is yours."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf8f3",
        "theme_color": "#f1ede4",
        "icons": icons,
    }
    response = JsonResponse(described, content_type="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@page("GET", who="anyone")
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the worker from the root, whose scope it keeps."""
    kept = ["web/atrium.css", "web/icon.svg"]
    response = render_page(request, "web/sw.js", {"kept": [static(name) for name in kept]})
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


@page("GET", who="anyone")
def offline(request: HttpRequest) -> HttpResponse:
    """The page that stands in while there is no line; kept by the service worker."""
    return render_page(request, "web/offline.html")


@page("GET", who="anyone")
def leaving(request: HttpRequest) -> HttpResponse:
    """Say where a foreign link of an answer leads, before anybody goes there."""
    place = departures.place_of(request.GET.get("to", ""))
    if place is None:
        raise Http404
    response = render_page(request, "web/leaving.html", {"place": place})
    response.headers["X-DNS-Prefetch-Control"] = "off"  # nor asks for the name by itself
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@page("GET", "POST", who="anyone")
def look_page(request: HttpRequest) -> HttpResponse:
    """Every part in each of its states; in development only."""
    if settings.PRODUCTION:
        raise Http404
    return render_page(request, "web/look.html", look.everything(request))
