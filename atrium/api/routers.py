"""Every room's ``api.router`` under one roof, and one shape for every error."""

from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import PathView
from ninja.parser import Parser

from atrium.api.surroundings import surround
from atrium.kit import jsontext
from atrium.kit.errors import Refusal, Unprocessable
from atrium.web.refusals import Malformed, as_refusal, refuse

ROOT = "/api/v1"


class StrictJson(Parser):
    """Reads JSON that is not too deep, endless, or full of what is no text."""

    def parse_body(self, request: HttpRequest) -> Any:
        return jsontext.parse(request.body)


class Roof(NinjaAPI):
    """The API, each of whose addresses is surrounded by the same checks."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        found: list[URLResolver | URLPattern] = []
        for router in self._get_bound_routers():
            for route in router.urls_paths(router.prefix):
                assert isinstance(route, URLPattern)
                route.callback = surround(route.callback, _path_view(route.callback))
                found.append(route)
        return found


def _path_view(view: Any) -> PathView:
    held = (cell.cell_contents for cell in view.__closure__)
    return next(one for one in held if isinstance(one, PathView))


@cache
def roof() -> Roof:
    """Collect the routers of all installed apps; ``PREFIX`` beside a router says where it hangs."""
    api = Roof(
        title="Atrium",
        version="1",
        description="What the pages do, for programs. Every change is the same action.",
        openapi_url=None,
        docs_url=None,
        urls_namespace="api-v1",
        parser=StrictJson(),
    )
    api.add_exception_handler(Exception, _refused)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(ValidationError, _invalid)
    for app in apps.get_app_configs():
        if app.name.startswith("atrium.") and module_has_submodule(app.module, "api"):
            module = import_module(f"{app.name}.api")
            if hasattr(module, "router"):
                api.add_router(getattr(module, "PREFIX", f"/{app.label}"), module.router)
    return api


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    refusal = as_refusal(error)
    if refusal is None:
        raise error  # a fault: logged and numbered further out
    return refuse(request, refusal)


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    reason = error.__cause__
    return refuse(
        request,
        reason if isinstance(reason, Refusal) else Malformed(_("This request could not be read.")),
    )


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    fields = {_where(one): _what(one) for one in error.errors}
    return refuse(
        request,
        Unprocessable(_("Some of what was sent is not right."), code="invalid", fields=fields),
    )


def _where(error: dict[str, Any]) -> str:
    # ("body", <the argument's name>, "scopes", 0) is the caller's "scopes.0".
    source, *place = error["loc"]
    if source == "body":
        place = place[1:]
    return ".".join(str(part) for part in place) or str(source)


def _what(error: dict[str, Any]) -> str:
    known = {
        "missing": _("This is needed."),
        "extra_forbidden": _("There is no such field."),
        "string_type": _("This has to be a text."),
        "string_too_short": _("This is too short."),
        "string_too_long": _("This is too long."),
    }
    return known.get(error["type"], str(error["msg"]))
