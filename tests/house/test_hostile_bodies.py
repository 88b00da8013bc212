"""Whatever is sent to the API, and whatever is kept: refused or shown as text; nobody writes more
than what is said to be written."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path

from atrium.api.openapi import document
from atrium.chat.models import Chat
from atrium.people.models import Attempt, CachedValue
from atrium.web.policy import page
from tests.house import corpus
from tests.house.markup import intruders
from tests.house.matrix.asking import GOOD, Sent, answered, body_of, sent_with, undone
from tests.house.matrix.everybody import Everybody
from tests.house.matrix.routes import Asked, every_way, fill
from tests.house.matrix.whose import fill as write
from tests.house.matrix.whose import rows_of, texts_of, ways_to_owners
from tests.house.shares import is_ours

# Thousands of calls; the general limit is for tests that hang.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

JSON = "application/json"
_MOVES = {"last_seen_at", "seen_at", "touched_at", "used", "window_ends_at", "expires_at"}


def ways_with_bodies() -> Iterator[tuple[Asked, dict[str, Any]]]:
    """Yield each operation of the API that takes JSON, and the example of its description."""
    for asked in every_way():
        sent = sent_with(asked) if asked.policy and asked.is_api else Sent()
        if sent.kind == JSON:
            yield asked, sent.data


def send(everybody: Everybody, asked: Asked, body: bytes) -> Any:
    everybody.client.cookies = everybody.roles["owner"].cookies
    where = fill(asked, everybody.owned.called)
    return everybody.client.generic(asked.method, where, body, content_type=JSON)


def complaints(asked: Asked, body: bytes, answer: Any) -> list[str]:
    status, what = answer.status_code, f"{asked.name} {body[:80]!r}"
    if status >= 500:
        return [f"{what}: {status}"]
    kind = "application/problem+json" if status >= 400 else "application/json"
    is_told = status == 204 or answer["Content-Type"].startswith(kind)
    return [] if is_told else [f"{what}: {status} as {answer['Content-Type']}"]


def test_every_field_of_the_api_takes_everything(everybody: Everybody) -> None:
    found: list[str] = []
    for asked, example in ways_with_bodies():
        for name in [*example, "unknown"]:
            texts = corpus.STRINGS if isinstance(example.get(name), str) else corpus.SOME
            typed = corpus.for_this_engine(f"{asked.name} {name}", texts)
            for value in (*typed, *corpus.VALUES):
                body = json.dumps({**example, name: value}).encode()
                with undone():
                    found += complaints(asked, body, send(everybody, asked, body))

    assert not found, "\n".join(found[:40])


def test_every_operation_refuses_what_is_no_json(everybody: Everybody) -> None:
    found: list[str] = []
    for asked, example in ways_with_bodies():
        twice = json.dumps(example)[:-1] + "," + json.dumps(example)[1:]
        for body in (*corpus.BODIES, twice.encode()):
            if not is_ours(f"{asked.name} {body[:60]!r}"):
                continue  # it is read before any engine is asked
            with undone():
                answer = send(everybody, asked, body)
                found += complaints(asked, body, answer)
                if answer.status_code < 400 and body != twice.encode():
                    found.append(f"{asked.name} took {body[:80]!r}")

    assert not found, "\n".join(found[:40])


# Nobody writes more than what is said to be written


def test_the_api_refuses_every_field_it_does_not_know(everybody: Everybody) -> None:
    for asked, example in ways_with_bodies():
        if not is_ours(asked.name):
            continue  # it is refused before any engine is asked
        with undone():
            before = everything()
            known = declared(asked)
            each = [{name: value} for name, value in corpus.FORBIDDEN_FIELDS.items()]
            every: list[dict[str, Any]] = [*each, dict.fromkeys(every_column(), 1)]
            for more in every:
                unknown = {name: value for name, value in more.items() if name not in known}
                body = json.dumps({**example, **unknown}).encode()
                answer = send(everybody, asked, body) if unknown else None
                assert not answer or answer.status_code == 422, f"{asked.name} took {unknown}"
            assert everything() == before


def declared(asked: Asked) -> set[str]:
    """Return the fields that an operation says it takes."""
    told = document()
    path = asked.route.replace("uuidstr:", "").replace("<", "{").replace(">", "}")
    body = told["paths"][path][asked.method.lower()]["requestBody"]["content"][JSON]["schema"]
    schema = told["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    return set(schema["properties"])


def test_no_form_writes_a_field_it_does_not_have(everybody: Everybody) -> None:
    for asked in every_way():
        if asked.name not in GOOD or not isinstance(GOOD[asked.name].data, dict):
            continue
        if not is_ours(asked.name):
            continue  # a form leaves out what it does not have before any engine is asked
        fields = GOOD[asked.name].data
        extra = {
            name: json.dumps(value) if isinstance(value, list | bool) else value or ""
            for name, value in corpus.FORBIDDEN_FIELDS.items()
            if name not in fields
        }
        role = "admin" if asked.policy and asked.policy.who == "staff" else "owner"
        plain, more = (
            _after(everybody, role, asked, sent) for sent in (fields, {**extra, **fields})
        )
        different = {table: more[table] for table in plain if more[table] != plain[table]}
        assert not different, asked.name


def every_column() -> set[str]:
    """Return what any column of any table of ours is called."""
    return {
        name
        for model in apps.get_models()
        if model.__module__.startswith("atrium.")
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }


def _after(everybody: Everybody, role: str, asked: Asked, fields: dict[str, Any]) -> Any:
    with answered(everybody, everybody.roles[role], asked, Sent(fields)) as answer:
        return {**everything(), "status": [str(answer.status_code)]}


def everything() -> dict[str, list[str]]:
    """Return all rows of all tables but the count of calls, without what is random or a moment."""
    return {
        model._meta.label: sorted(_shown(row) for row in model._default_manager.values())
        for model in apps.get_models()
        if model.__module__.startswith("atrium.") and model not in {Attempt, CachedValue}
    }


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.+]+")


def _shown(row: dict[str, Any]) -> str:
    steady = {name: value for name, value in row.items() if name not in _MOVES}
    shown = repr({name: value for name, value in steady.items() if _is_steady(name, value)})
    return _MOMENT.sub("then", shown)


def _is_steady(name: str, value: Any) -> bool:
    is_made_up = name.endswith(
        (
            "_at",
            "_since",
            "hash",
            "_id",
            "_name",
            "key",
            "payload",
            "_ref",
            "ref",
            "reference",
            "_url",
        )
    ) or name in {
        *("id", "pk", "password", "prefix", "alive_until", "arguments", "detail_json", "hold"),
        *("about_id", "digest", "number", "at", "length", "sealed_answer", "payer", "opened_as"),
        "chosen",
    }
    return not is_made_up or value is None


# What is kept is shown as text

PIECES = (*corpus.MARKUP, *corpus.MARKDOWN)


def test_what_is_kept_is_shown_as_text(everybody: Everybody) -> None:
    found: list[str] = []
    shown = 0
    for turn in range(6):
        with undone():
            _write_everywhere(everybody, turn)
            for asked in every_way():
                if not is_ours(f"{asked.name} {turn}"):
                    continue  # what is kept is written by the same templates on either engine
                html = _page(everybody, asked)
                shown += corpus.MARK in html
                found += [f"{asked.name}: {one}" for one in intruders(html)]

    assert not found, "\n".join(sorted(set(found))[:40])
    assert shown > 40  # else nothing of it was there to be seen


def _write_everywhere(everybody: Everybody, turn: int) -> None:
    """Put markup into every text of alice's: into short columns only some, in turn."""
    for number, (table, ways) in enumerate(ways_to_owners().items()):
        rows = rows_of(everybody.alice, table, ways)
        for field in texts_of(table):
            start = (turn * 7 + number) % len(PIECES)
            pieces = (*PIECES[start:], *PIECES[:start])
            text, longest = pieces[0], getattr(field, "max_length", None) or 20_000
            for piece in pieces[1:]:
                text = f"{text}\n{piece}" if len(text) + len(piece) < longest else text
            write(rows, field, text)


def _page(everybody: Everybody, asked: Asked) -> str:
    if asked.policy is None or asked.method != "GET" or asked.route in {"/look", "/api/docs"}:
        return ""
    role = "admin" if asked.policy.who == "staff" else "owner"
    with answered(everybody, everybody.roles[role], asked, Sent()) as answer:
        is_page = answer.get("Content-Type", "").startswith("text/html")
        assert answer.status_code < 500, asked.name
        return body_of(answer).decode() if is_page else ""


# The harness proves itself


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p title='{{ title }}'>{{ title }}</p>", None),
        ("<p>{{ title|safe }}</p>", "something"),
        ("<p title={{ title }}>", "something"),
        ("<script>let title = '{{ title }}'</script>", "something"),
        ("<a href='{{ link }}'>x</a>", "something"),
        ("<img src='{{ picture }}'>", "something"),
        ("{% autoescape off %}<textarea>{{ title }}</textarea>{% endautoescape %}", "something"),
    ],
)
def test_a_template_that_does_not_escape_is_found(
    everybody: Everybody, settings: Any, template: str, found: str | None
) -> None:
    made = engines["django"].from_string(template)

    @page("GET", who="anyone")
    def planted(request: HttpRequest) -> HttpResponse:
        title = Chat.objects.filter(person=everybody.alice)[0].title
        told = {"link": "javascript:alert(1)", "picture": "//evil.example/x.png"}
        return HttpResponse(made.render({"title": title, **told}, request))

    settings.ROOT_URLCONF = (path("planted", planted),)
    intruding: list[str] = []
    for piece in corpus.MARKUP[:9]:
        Chat.objects.filter(person=everybody.alice).update(title=f"x {piece}")
        intruding += intruders(Client().get("/planted").content.decode())

    assert bool(intruding) == bool(found)
