"""Every route, in every method, by everybody: let through as a person judged it, never broken."""

import os
import types
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from atrium.chat.models import Chat
from atrium.urls import urlpatterns
from atrium.web.checks import every_route_has_a_policy
from atrium.web.policy import page
from tests.house.matrix import table
from tests.house.matrix.asking import answered, outcome
from tests.house.matrix.everybody import Everybody
from tests.house.matrix.routes import Asked, every_way
from tests.house.matrix.survey import survey
from tests.house.shares import is_ours

# Thousands of calls; the general limit is for tests that hang.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

FROM_ELSEWHERE = {
    "POST /notifications/unsubscribe/<str:token>",
    "POST /api/v1/tokens",
    "POST /api/v1/tokens/refresh",
    "POST /webhooks/<slug:gateway>",
    "POST /webhooks/<slug:gateway>/return/<str:reference>",
}
"""What may be asked to change without our form's token: what the address or the body holds is
enough, and no cookie is looked at."""

Plant = Callable[..., list[Asked]]


@pytest.fixture
def plant(settings: Any) -> Plant:
    """Build routes into the house, and return the ways to ask them."""

    def planted(*routes: Any) -> list[Asked]:
        module = types.ModuleType("planted")
        module.urlpatterns = [*routes, *urlpatterns]  # type: ignore[attr-defined]
        settings.ROOT_URLCONF = module
        return every_way(list(routes))

    return planted


def test_every_route_is_as_judged(everybody: Everybody) -> None:
    found = survey(everybody, every_way(), judges=is_ours)

    if os.environ.get("ATRIUM_TEST_MATRIX") == "write":
        table.PATH.write_text(table.written(found.lines), encoding="utf-8")
    complaints = [*found.faults, *table.complaints(found.lines, _ours())]
    assert not complaints, "\n".join(complaints)


def _ours() -> list[str]:
    """Return the lines that this engine's worker judges."""
    return [line for line in table.stored() if is_ours(line.split()[1])]


def test_no_change_is_made_for_a_form_from_elsewhere(everybody: Everybody) -> None:
    everybody.client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    let_in = {
        f"{asked.name} as {role}"
        for asked in every_way()
        for role in ("guest", "owner", "admin")
        if asked.policy and asked.method not in {"GET", "HEAD", "OPTIONS"}
        if is_ours(asked.route)
        if asked.name not in FROM_ELSEWHERE
        if not asked.route.startswith("/_allauth/app/")  # apps send a token; no cookie is read
        if _outcome(everybody, role, asked) != "403"
    }

    assert let_in == set()


def test_a_claimed_guests_cookie_opens_nothing(everybody: Everybody) -> None:
    everybody.guest.claimed_by, everybody.guest.claimed_at = (
        everybody.alice,
        everybody.alice.joined_at,
    )
    everybody.guest.save()

    opened = {
        asked.name
        for asked in every_way()
        if asked.policy
        and "owned" in _judged(asked)
        and _outcome(everybody, "guest", asked) == "ok"
    }

    assert opened == set()


def _outcome(everybody: Everybody, role: str, asked: Asked) -> str:
    with answered(everybody, everybody.roles[role], asked) as answer:
        return outcome(answer, asked)


def _judged(asked: Asked) -> list[str]:
    lines = (line.split() for line in table.stored())
    return next(line for line in lines if line[:2] == asked.name.split(maxsplit=1))


# The harness proves itself


def test_a_route_that_forgets_whose_it_is_is_found(everybody: Everybody, plant: Plant) -> None:
    @page("GET", who="anyone")
    def title(request: HttpRequest, chat_id: Any) -> HttpResponse:
        return HttpResponse(Chat.objects.get(pk=chat_id).title)

    (line,) = survey(everybody, plant(path("planted/<uuid:chat_id>", title))).lines
    judged = f"{line} owned"

    assert "owned" not in line
    (complaint,) = table.complaints([line], [judged])
    assert "judged otherwise" in complaint


def test_a_route_in_no_line_is_named(everybody: Everybody, plant: Plant) -> None:
    @page("GET", who="member")
    def new(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    found = survey(everybody, plant(path("planted", new)))

    (complaint,) = table.complaints(found.lines, [])
    assert "GET /planted stands in no line" in complaint
    assert table.complaints([], found.lines) == ["the line “GET /planted” has no route any more"]


def test_a_route_without_a_policy_is_found_and_does_not_boot(
    everybody: Everybody, plant: Plant
) -> None:
    def undeclared(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    found = survey(everybody, plant(path("planted", undeclared)))

    assert "UNDECLARED" in found.lines[0]
    assert "ok: all" in found.lines[0]
    assert any("/planted" in error.msg for error in every_route_has_a_policy())


def test_a_route_that_breaks_is_a_fault(everybody: Everybody, plant: Plant) -> None:
    @page("GET", who="anyone")
    def broken(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    found = survey(everybody, plant(path("planted", broken)))

    assert "GET /planted as nobody: 500" in found.faults


def test_a_parameter_that_nobody_fills_is_named(everybody: Everybody, plant: Plant) -> None:
    @page("GET", who="anyone")
    def new(request: HttpRequest, story_id: Any) -> HttpResponse:
        return HttpResponse()

    found = survey(everybody, plant(path("planted/<uuid:story_id>", new)))

    assert "nobody-knows-what-story_id-is-called" in found.lines[0]
