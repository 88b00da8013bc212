"""What surrounds every request that Django answers: the security headers, and the refusals."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from atrium.web.headers import FOR_ADMIN, WITHOUT_TRUSTED_TYPES, secure_headers
from atrium.web.refusals import as_refusal, refuse

Next = Callable[[HttpRequest], Any]
_WITHOUT_BODY = (204, 304)


@sync_and_async_middleware
def headers(get_response: Next) -> Next:
    """Add the security headers; what a view set itself stays."""
    return _around(get_response, _add_headers)


@sync_and_async_middleware
def refusals(get_response: Next) -> Next:
    """Render every refusal that a view raises; a fault goes on to ``handler500``."""

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        refusal = as_refusal(error)
        return refuse(request, refusal) if refusal else None

    middleware = _around(get_response, _same)
    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _around(
    get_response: Next, change: Callable[[HttpRequest, HttpResponseBase], HttpResponseBase]
) -> Next:
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponseBase:
            answering: Awaitable[HttpResponseBase] = get_response(request)
            return change(request, await answering)

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        return change(request, get_response(request))

    return synchronous


def _same(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    return response


def _add_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    for name, value in secure_headers().items():
        response.headers.setdefault(name, value)
    match = request.resolver_match
    if match and WITHOUT_TRUSTED_TYPES.intersection(match.namespaces):
        response.headers["Content-Security-Policy"] = FOR_ADMIN
    # A page is somebody's: neither a proxy nor the next person at this browser keeps it.
    response.headers.setdefault("Cache-Control", "no-store")
    if not response.streaming and response.status_code not in _WITHOUT_BODY:
        # Without it the server cuts even a short answer into chunks.
        response.headers.setdefault("Content-Length", str(len(response.content)))  # type: ignore[attr-defined]
    return response
