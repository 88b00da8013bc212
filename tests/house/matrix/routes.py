"""What there is to ask: the URL map, with what each route declares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin

from atrium.web.checks import THIRD_PARTY, _path_view, policies_of, routes
from atrium.web.policy import Policy

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_GROUP = re.compile(r"\(\?P(<\w+>)[^)]*\)")


@dataclass(frozen=True)
class Asked:
    """One way to ask one route, and what the route declares about it."""

    method: str
    route: str
    policy: Policy | None  # of this method; None where the route does not answer to it

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def is_api(self) -> bool:
        return self.route.startswith("/api/")

    @property
    def is_safe(self) -> bool:
        return self.method in {"GET", "HEAD"}


def every_way(patterns: list[Any] | None = None) -> list[Asked]:
    """Return every route in every method; a button of the console counts as a route."""
    found: dict[str, dict[str, Policy]] = {}
    for where, spaces, view in routes(patterns):
        for route in _buttons(_readable(where)):
            found.setdefault(route, {}).update(_by_method(view, spaces))
    return [
        Asked(method, route, declared.get(method))
        for route, declared in found.items()
        for method in _methods(declared)
    ]


def fill(asked: Asked, called: dict[str, str]) -> str:
    """Return the route's address for the things of one owner.

    :raises LookupError: when nobody said what one of its parameters is called
    """

    def value(match: re.Match[str]) -> str:
        return called[parameter_of(asked.route, match[1])]

    return _PARAMETER.sub(value, asked.route)


def parameter_of(route: str, name: str) -> str:
    """Tell parameters of one name apart by where they stand."""
    if name == "object_id":
        return ".".join(route.split("/")[2:4])  # /console/<app>/<model>/…
    if name == "token":
        return route.split("/")[-2]
    return name


def _readable(where: str) -> str:
    return _GROUP.sub(r"\1", where).replace("^", "").replace("/$", "/")


def _by_method(view: Any, spaces: tuple[str, ...]) -> dict[str, Policy]:
    operations = getattr(_path_view(view), "operations", None)
    if operations is not None:
        return {
            method: operation.view_func.policy
            for operation in operations
            for method in operation.methods
        }
    (policy,) = policies_of(view, spaces)
    if policy is None:
        return {}
    methods = _their_methods(view) if policy in THIRD_PARTY.values() else policy.methods
    return dict.fromkeys(methods, policy)


def _their_methods(view: Any) -> tuple[str, ...]:
    """Return what a view that is not ours may answer: a page's two, or all of allauth's JSON."""
    # Its views look at who asks and at the body before they look at the method.
    return METHODS if hasattr(view, "view_class") else ("GET", "POST")


def _methods(declared: dict[str, Policy]) -> Iterator[str]:
    yield from METHODS
    if "HEAD" in declared and "GET" not in declared:
        yield "HEAD"


def _buttons(route: str) -> list[str]:
    if "<slug:name>" not in route:
        return [route]
    model = ".".join(route.split("/")[2:4])
    (site,) = (one for one in admin.site._registry if one._meta.label_lower == model)
    names = getattr(admin.site._registry[site], "buttons", ()) or ("nothing",)
    return [route.replace("<slug:name>", name) for name in names]
