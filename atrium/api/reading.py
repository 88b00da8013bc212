"""The OpenAPI description laid out for reading: chapters by tag, with examples written out."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Parameter:
    name: str
    place: str
    is_required: bool
    about: str
    example: str


@dataclass(frozen=True)
class Line:
    """One member of a body."""

    name: str
    kind: str
    is_required: bool
    about: str


@dataclass(frozen=True)
class Outcome:
    status: str
    about: str
    example: str


@dataclass(frozen=True)
class Spoken:
    """One operation, as it is read."""

    id: str
    method: str
    path: str
    title: str
    about: str
    who: str
    parameters: list[Parameter]
    body_example: str
    body_lines: list[Line]
    outcomes: list[Outcome]


@dataclass(frozen=True)
class Chapter:
    title: str
    operations: list[Spoken] = field(default_factory=list)


def chapters(document: dict[str, Any]) -> list[Chapter]:
    """Return every operation under its first tag, in the order of the description."""
    found: dict[str, Chapter] = {}
    for path, methods in document["paths"].items():
        for method, spoken in methods.items():
            tag = (spoken.get("tags") or ["other"])[0]
            chapter = found.setdefault(tag, Chapter(tag))
            chapter.operations.append(_read(path, method, spoken, document))
    return list(found.values())


def _read(path: str, method: str, spoken: dict[str, Any], document: dict[str, Any]) -> Spoken:
    content = _content(spoken.get("requestBody", {}))
    return Spoken(
        id=spoken["operationId"],
        method=method.upper(),
        path=path,
        title=spoken["summary"],
        about=spoken.get("description", ""),
        who="anyone" if {} in spoken["security"] else "a key, or a signed-in app or browser",
        parameters=[_parameter(_resolved(one, document)) for one in spoken["parameters"]],
        body_example=_written(content["example"]) if "example" in content else "",
        body_lines=_lines(_resolved(content.get("schema", {}), document)),
        outcomes=[
            _outcome(status, _resolved(one, document))
            for status, one in spoken["responses"].items()
        ],
    )


def _parameter(told: dict[str, Any]) -> Parameter:
    example = told.get("example", told.get("schema", {}).get("default", ""))
    return Parameter(
        name=told["name"],
        place=told["in"],
        is_required=told.get("required", False),
        about=told.get("description", ""),
        example="" if example is None else str(example),
    )


def _outcome(status: str, told: dict[str, Any]) -> Outcome:
    content = _content(told)
    example = _written(content["example"]) if "example" in content else ""
    return Outcome(status, told.get("description", ""), example)


def _lines(schema: dict[str, Any]) -> list[Line]:
    needed = schema.get("required", [])
    return [
        Line(name, _kind(one), name in needed, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "anything"))


def _content(place: dict[str, Any]) -> dict[str, Any]:
    contents: list[dict[str, Any]] = list(place.get("content", {}).values())
    return contents[0] if contents else {}


def _resolved(told: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in told:
        return told
    place: Any = document
    for part in told["$ref"].removeprefix("#/").split("/"):
        place = place[part]
    return dict(place)


def _written(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)
