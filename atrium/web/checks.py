"""A route that nobody judged keeps the process from booting."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver

from atrium.web.policy import Policy
from atrium.web.shell import all_rooms

THIRD_PARTY: dict[str, Policy] = {"admin": Policy("staff"), "headless": Policy("anyone")}
"""Namespaces of packages whose views check for themselves, and whom they let in."""

Route = tuple[str, tuple[str, ...], Any]


def routes(patterns: Sequence[Any] | None = None) -> Iterator[Route]:
    """Yield every route of the URL map: its pattern, its namespaces, its view."""
    yield from _walk(patterns or get_resolver().url_patterns, "/", ())


def _walk(patterns: Sequence[Any], prefix: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for entry in patterns:
        where = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            inside = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry.url_patterns, where, inside)
        elif isinstance(entry, URLPattern):
            yield where, spaces, entry.callback


def policies_of(view: Any, spaces: tuple[str, ...] = ()) -> list[Policy | None]:
    """Return what ``view`` declares: one policy, or one for each operation at its address."""
    theirs = next((THIRD_PARTY[space] for space in spaces if space in THIRD_PARTY), None)
    if theirs:
        return [theirs]
    operations = getattr(_path_view(view), "operations", None)
    if operations is not None:
        return [getattr(operation.view_func, "policy", None) for operation in operations]
    return [getattr(view, "policy", None)]


def _path_view(view: Any) -> Any:
    """Return ninja's PathView behind the function it hands to Django, else ``view``."""
    bound = getattr(view, "__self__", None)
    if bound is not None:
        return bound
    for cell in getattr(view, "__closure__", None) or ():
        held = cell.cell_contents
        if hasattr(held, "operations"):
            return held
    return view


@register("policies")
def every_route_has_a_policy(**_kwargs: Any) -> list[CheckMessage]:
    return [
        Error(f"{where} does not declare who may open it.", id="web.E001")
        for where, spaces, view in routes()
        if None in policies_of(view, spaces)
    ]


@register("policies")
def every_room_has_an_address(**_kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for room in all_rooms():
        try:
            room.url  # noqa: B018
        except NoReverseMatch:
            found.append(
                Error(f"The room {room.key} leads nowhere ({room.url_name}).", id="web.E002")
            )
    return found
