import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from ninja.operation import Operation
from openapi_spec_validator import OpenAPIV31SpecValidator

from atrium.api.management.commands.api_page import PAGE, written
from atrium.api.openapi import document, operations_of
from atrium.api.reading import chapters
from atrium.api.routers import roof
from atrium.web.policy import Policy

pytestmark = pytest.mark.once


def spoken() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, told in methods.items():
            yield f"{method} {path}", told


EACH = pytest.mark.parametrize("told", [pytest.param(told, id=name) for name, told in spoken()])
EACH_OPERATION = pytest.mark.parametrize(
    "operation", operations_of(roof()), ids=lambda one: one.view_func.__name__
)


def test_it_is_valid_openapi_31() -> None:
    found = document()

    assert found["openapi"].startswith("3.1")
    assert not list(OpenAPIV31SpecValidator(found).iter_errors())


def test_it_is_served(client: Client, db: None) -> None:
    assert client.get("/api/v1/openapi.json").json() == json.loads(json.dumps(document()))


def test_every_operation_is_in_it_under_a_name_of_its_own() -> None:
    named = [told["operationId"] for _name, told in spoken()]

    assert len(named) == len(set(named))
    assert len(named) == sum(len(operation.methods) for operation in operations_of(roof()))


@EACH_OPERATION
def test_every_operation_says_who_may(operation: Operation) -> None:
    assert isinstance(getattr(operation.view_func, "policy", None), Policy)


@EACH
def test_every_operation_says_what_it_does(told: dict[str, Any]) -> None:
    assert told["summary"]
    assert told.get("description")
    assert told["tags"]
    assert "security" in told


@EACH
def test_every_operation_says_every_refusal(told: dict[str, Any]) -> None:
    assert {"400", "401", "403", "429"} <= set(told["responses"])
    if "requestBody" in told:
        assert {"413", "415", "422"} <= set(told["responses"])


@EACH
def test_every_body_has_a_schema_and_an_example_that_obeys_it(told: dict[str, Any]) -> None:
    places = [told["requestBody"]] if "requestBody" in told else []
    places += [resolved(one) for one in told["responses"].values()]
    good = [status for status in told["responses"] if status.startswith("2")]
    assert good
    for place in places:
        for kind, content in place.get("content", {}).items():
            if "json" not in kind:
                continue
            components = {"components": document()["components"]}
            validator = Draft202012Validator({**content["schema"], **components})
            assert not list(validator.iter_errors(content["example"]))
    for status in good:
        assert status == "204" or told["responses"][status]["content"]


def resolved(told: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in told:
        return told
    found: Any = document()
    for part in told["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


@EACH
def test_every_body_refuses_fields_it_does_not_know(told: dict[str, Any]) -> None:
    for content in told.get("requestBody", {}).get("content", {}).values():
        if content["schema"].get("$ref"):
            assert resolved(content["schema"])["additionalProperties"] is False


def test_the_page_for_reading_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(chapters(document()))


def test_the_page_to_try_it_names_every_operation(client: Client, db: None) -> None:
    page = client.get("/api/docs").content.decode()

    assert all(f'id="{told["operationId"]}"' in page for _name, told in spoken())
