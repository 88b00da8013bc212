"""The API described by itself: OpenAPI 3.1 with an example and every refusal of each operation."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from ninja.operation import Operation

from atrium.api.routers import ROOT, Roof, roof
from atrium.web.policy import Policy
from atrium.web.schemas import Problem

PROBLEM = "application/problem+json"
KEY, APP, SESSION, GUEST = "ApiKey", "App", "Session", "Guest"
SAFE = {"get", "head"}
_SAID = {
    400: ("malformed", "The request could not be read."),
    401: ("sign_in_needed", "No key, no session, or one that opens nothing."),
    403: ("not_allowed", "The key lacks the scope, or the account lacks the role."),
    404: ("not_found", "There is nothing here, or it is not yours to see."),
    405: ("wrong_method", "The address exists and is not asked like that."),
    409: ("conflict", "Something is in the way now; the sentence says what."),
    410: ("gone", "It existed, and does not any more."),
    413: ("too_large", "The body is larger than it may be."),
    415: ("unsupported_kind", "The body is not of a kind that is read here."),
    422: ("invalid", "Something that was sent is not right; `fields` says what."),
    402: ("payment_needed", "What is left does not pay for it."),
    412: ("not_as_expected", "It is not in the state that the headers expect."),
    416: ("no_such_range", "The file has no such bytes."),
    429: ("too_many_calls", "Too many calls; `retry_at` says when again."),
    503: ("unavailable", "Not at the moment; `retry_at` says when again, if it is known."),
    507: ("no_room", "There is no room left for it."),
}
_RATES = {
    "RateLimit-Limit": ("integer", "How many calls are allowed within the window."),
    "RateLimit-Remaining": ("integer", "How many of them are left."),
    "RateLimit-Reset": ("integer", "In how many seconds the window begins anew."),
    "X-Request-Id": ("string", "Names this call; tell it when something went wrong."),
}


@cache
def document() -> dict[str, Any]:
    """Return the whole description, in English."""
    api = roof()
    with translation.override("en"):
        described: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=ROOT))
    operations = {_id(api, operation): operation for operation in operations_of(api)}
    for path in described["paths"].values():
        for method, spoken in path.items():
            _complete(spoken, operations[spoken["operationId"]], method, described)
    described["servers"] = [{"url": settings.PUBLIC_ADDRESS}]
    described["components"] = _components(described)
    return described


def operations_of(api: Roof) -> list[Operation]:
    """Return every operation, in the order of its address."""
    return [
        operation
        for router in api._get_bound_routers()  # noqa: SLF001
        for path_view in router.path_operations.values()
        for operation in path_view.operations
    ]


def _id(api: Roof, operation: Operation) -> str:
    return operation.operation_id or api.get_openapi_operation_id(operation)


def _complete(
    spoken: dict[str, Any], operation: Operation, method: str, described: dict[str, Any]
) -> None:
    policy: Policy = operation.view_func.policy  # type: ignore[attr-defined]
    is_change = method not in SAFE
    spoken["security"] = _security(policy)
    is_repeatable = is_change and not policy.anonymous
    repeat = [_repeat_key()] if is_repeatable else []
    spoken["parameters"] = [*spoken.get("parameters", ()), *repeat]
    for parameter in spoken["parameters"]:
        _move_examples(parameter)
    spoken["responses"] = {str(status): one for status, one in spoken["responses"].items()}
    for status in _shared_refusals(spoken, policy, is_change=is_repeatable):
        spoken["responses"].setdefault(str(status), {})
    spoken["responses"] = dict(sorted(spoken["responses"].items()))
    schemas = described["components"]["schemas"]
    for status, response in spoken["responses"].items():
        if int(status) >= 400:
            response.clear()
            response.update({"$ref": f"#/components/responses/Refused{status}"})
        else:
            response["headers"] = _rate_headers()
            _give_example(response, schemas)
    if "requestBody" in spoken:
        _give_example(spoken["requestBody"], schemas)


def _security(policy: Policy) -> list[dict[str, list[str]]]:
    if policy.anonymous:
        return [{}]
    named: list[dict[str, list[str]]] = [{KEY: []}, {APP: []}, {SESSION: []}]
    if policy.who in {"anyone", "somebody"}:
        named += [{GUEST: []}, {}]
    return named


def _shared_refusals(spoken: dict[str, Any], policy: Policy, *, is_change: bool) -> set[int]:
    shared = {400, 401, 403, 429}
    if spoken["parameters"] or "requestBody" in spoken:
        shared.add(422)
    if "requestBody" in spoken:
        shared |= {413, 415}
    if is_change:
        shared.add(409)  # an Idempotency-Key whose first call is under way
    return shared


def _repeat_key() -> dict[str, Any]:
    return {"$ref": "#/components/parameters/IdempotencyKey"}


def _move_examples(parameter: dict[str, Any]) -> None:
    # A schema has a list of examples, a parameter a map of them.
    if isinstance(parameter.get("examples"), list):
        parameter["example"] = parameter.pop("examples")[0]


def _give_example(place: dict[str, Any], schemas: dict[str, Any]) -> None:
    for content in place.get("content", {}).values():
        found = example_of(content.get("schema", {}), schemas)
        if found is not None and "example" not in content:
            content["example"] = found


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return the example that a schema brings, its own or that of what it is made of; else None."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("type") == "array":
        inner = example_of(schema.get("items", {}), schemas)
        return None if inner is None else [inner]
    return None


def _rate_headers() -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in _RATES}


def _components(described: dict[str, Any]) -> dict[str, Any]:
    components: dict[str, Any] = described["components"]
    components["schemas"]["Problem"] = Problem.json_schema()
    components["headers"] = {
        name: {"description": said, "schema": {"type": kind}}
        for name, (kind, said) in _RATES.items()
    }
    components["responses"] = {f"Refused{status}": _refusal(status) for status in _SAID}
    components["parameters"] = {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key makes a repeated call harmless for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            "example": "order-2026-11-21-0001",
        }
    }
    components["securitySchemes"] = {
        KEY: {
            "type": "http",
            "scheme": "bearer",
            "description": "A key from your settings: `Authorization: Bearer atr_key_…`.",
        },
        APP: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of an app in which you signed in: five minutes each.",
        },
        SESSION: _cookie(settings.SESSION_COOKIE_NAME, "The cookie of a signed-in browser"),
        GUEST: _cookie("__Host-guest", "The cookie of a visitor without an account"),
    }
    return components


def _cookie(name: str, said: str) -> dict[str, str]:
    told = f"{said}; a change also needs the page's token in `X-CSRFToken`."
    return {"type": "apiKey", "in": "cookie", "name": name, "description": told}


def _refusal(status: int) -> dict[str, Any]:
    code, said = _SAID[status]
    problem: dict[str, Any] = {
        "type": "about:blank",
        "code": code,
        "status": status,
        "title": code.replace("_", " ").capitalize(),
        "detail": said.replace("`", ""),
    }
    if status == 422:
        problem["fields"] = {"name": "This is needed."}
    if status == 429:
        problem |= {"limit": 600, "used": 600, "retry_at": "2026-11-21T12:00:37+00:00"}
    return {
        "description": said,
        "headers": _rate_headers(),
        "content": {
            PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": problem}
        },
    }
