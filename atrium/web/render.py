"""Answer htmx with a fragment and everyone else with the whole page."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def asks_for_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks to fill a part of a page it already shows."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"
    )


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render ``template``, or only ``fragment`` when htmx asks.

    :param fragment: the path of the plain include that ``template`` shows in its place
    """
    name = fragment if fragment and asks_for_fragment(request) else template
    response = render(request, name, dict(context or {}), status=status)
    if fragment:
        patch_vary_headers(response, ["HX-Request"])
    return response
