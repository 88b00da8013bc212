from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils.decorators import sync_and_async_middleware
from django.utils.translation import gettext as _

from atrium.kit.errors import NotFound
from atrium.options.queries import value, value_soon
from atrium.options.rooms import room_of
from atrium.web.refusals import refuse

Next = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def rooms(get_response: Next) -> Next:
    """Answer 404 at every address of a room that the operator has closed."""
    return _asynchronous(get_response) if iscoroutinefunction(get_response) else _sync(get_response)


def _sync(get_response: Next) -> Next:
    def middleware(request: HttpRequest) -> Any:
        return get_response(request)

    def process_view(request: HttpRequest, *_view: Any) -> HttpResponse | None:
        room = _room(request)
        return _closed(request) if room and not value(f"room.{room}") else None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _asynchronous(get_response: Next) -> Next:
    async def middleware(request: HttpRequest) -> Any:
        return await get_response(request)

    async def process_view(request: HttpRequest, *_view: Any) -> HttpResponse | None:
        room = _room(request)
        return _closed(request) if room and not await value_soon(f"room.{room}") else None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return markcoroutinefunction(middleware)


def _room(request: HttpRequest) -> str:
    match: ResolverMatch | None = request.resolver_match
    return room_of(match.namespaces if match else [], request.path_info)


def _closed(request: HttpRequest) -> HttpResponse:
    return refuse(request, NotFound(_("There is nothing here, or it is not yours to see.")))
