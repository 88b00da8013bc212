"""What surrounds every operation: who asks, how often, whether they may, and whether they did."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja.operation import Operation, PathView
from ninja.utils import check_csrf

from atrium.api import idempotency
from atrium.kit import clock
from atrium.kit.errors import NotAllowed, Refusal, UnsupportedKind
from atrium.kit.ids import new_id
from atrium.people import rates
from atrium.people.caller import NOBODY, Caller
from atrium.people.scopes import READ, WRITE
from atrium.web.policy import Policy, WrongMethod, admit
from atrium.web.refusals import Malformed, refuse

SAFE = {"GET", "HEAD"}

View = Callable[..., HttpResponseBase]


class ScopeMissing(NotAllowed):
    """The key was not given what this operation needs."""

    code = "scope_missing"


def surround(view: View, path_view: PathView) -> View:
    """Return ``view``, which answers ``path_view``'s operations, with all that is around it."""
    assert not path_view.is_async, "operations of the API are plain functions"

    def surrounded(request: HttpRequest, **found: Any) -> HttpResponseBase:
        request_id = str(new_id())
        try:
            answer = _answer(request, view, path_view, found)
        except Refusal as refusal:
            answer = refuse(request, refusal)
        rates.tell(request, answer, at=clock.now())
        answer.headers.setdefault("X-Request-Id", request_id)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    # Checked below, unless a key is used.
    surrounded.csrf_exempt = True  # type: ignore[attr-defined]
    return surrounded


def _answer(
    request: HttpRequest, view: View, path_view: PathView, found: dict[str, Any]
) -> HttpResponseBase:
    if request.method == "HEAD":
        request.method = "GET"  # the server leaves the body out
    operation = _operation(request, path_view)
    rule = _rule(operation) if operation else None
    is_anonymous = rule is not None and rule.anonymous
    caller = NOBODY if is_anonymous else cast(Caller, request.caller)  # type: ignore[attr-defined]
    route = request.resolver_match.route if request.resolver_match else ""
    change = "" if request.method in SAFE else f"{request.method} {route}"
    rates.count_call(request, caller, change=change, at=clock.now())
    if operation is None or rule is None:
        raise WrongMethod(_methods(path_view))
    _check_text(request)
    _check_kind(request, operation)
    if not is_anonymous:
        _check_origin(request, caller)
        admit(request, rule)
        _check_scope(caller, request, operation)
    is_kept = not is_anonymous and idempotency.HEADER in request.headers
    if request.method in SAFE or not is_kept:
        return view(request, **found)
    return _answer_once(request, view, found)


def _answer_once(request: HttpRequest, view: View, found: dict[str, Any]) -> HttpResponseBase:
    audience = cast(Caller, request.caller).audience  # type: ignore[attr-defined]
    begun = idempotency.begin(request, caller=audience, at=clock.now())
    if isinstance(begun, HttpResponse):
        return begun
    try:
        answer = view(request, **found)
    except BaseException:
        idempotency.release(begun)
        raise
    idempotency.end(begun, answer)
    return answer


def _rule(operation: Operation) -> Policy:
    return cast(Policy, operation.view_func.policy)  # type: ignore[attr-defined]


def _operation(request: HttpRequest, path_view: PathView) -> Operation | None:
    for operation in path_view.operations:
        if request.method in operation.methods:
            return operation
    return None


def _methods(path_view: PathView) -> tuple[str, ...]:
    allowed = {method for operation in path_view.operations for method in operation.methods}
    return tuple(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))


def _check_text(request: HttpRequest) -> None:
    # No database keeps a NUL; a body's are refused by its parser.
    values = [value for values in request.GET.lists() for value in (values[0], *values[1])]
    if any("\0" in value for value in values):
        raise Malformed(_("The address holds a character that is no text."))


def _check_kind(request: HttpRequest, operation: Operation) -> None:
    sources = {model.__ninja_param_source__ for model in operation.models}
    length = request.headers.get("Content-Length", "")
    is_empty = length in {"", "0"} and "Transfer-Encoding" not in request.headers
    # That a body is missing is said by whoever reads it.
    if "body" in sources and not is_empty and request.content_type != "application/json":
        raise UnsupportedKind(_("Send the body as application/json."))


def _check_origin(request: HttpRequest, caller: Caller) -> None:
    """A cookie goes along by itself, so a change needs the page's own token; a key does not."""
    if request.method in SAFE or caller.is_program:
        return
    if check_csrf(request):
        raise NotAllowed(
            _("Without a key, a change needs the X-CSRFToken header of one of our pages."),
            code="csrf_failed",
            way_on=_("Use an API key."),
        )


def _check_scope(caller: Caller, request: HttpRequest, operation: Operation) -> None:
    default = READ if request.method in SAFE else WRITE
    needed = getattr(operation.view_func, "scope", default)
    if not caller.has_scope(needed):
        raise ScopeMissing(
            _("This key was not given “%(scope)s”.") % {"scope": needed},
            way_on=_("Make a key with it in the settings."),
        )
