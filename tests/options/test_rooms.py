import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.urls import resolve

from atrium.options import middleware as surrounding
from atrium.options import registry
from atrium.options.actions import set_option, unset_option
from atrium.options.rooms import is_open, room_of
from atrium.web import shell
from atrium.web.checks import routes

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def switch(view: Any) -> Any:
    return surrounding.rooms(view)


def close(key: str = "chat") -> None:
    set_option(key=f"room.{key}", text="false", by="system", at=AT)


@pytest.fixture
def visitor() -> Client:
    return Client()


def test_every_room_has_a_switch_but_those_of_the_staff() -> None:
    keys = {room.key for room in shell.all_rooms()}
    assert {"chat", "console"} <= keys
    assert "room.chat" in registry.every_option()
    # Who closes the console could not open it again there.
    assert "room.console" not in registry.every_option()


def test_a_closed_room_is_404_at_its_pages_and_open_again_at_once(visitor: Client) -> None:
    assert visitor.get("/chat").status_code == 200
    close()
    for where in ("/chat", "/chat/00000000-0000-0000-0000-000000000000"):
        assert visitor.get(where).status_code == 404
        assert visitor.post(where).status_code in {404, 403}
    unset_option(key="room.chat", by="system", at=AT)
    assert visitor.get("/chat").status_code == 200


def test_a_closed_room_is_gone_from_the_navigation(visitor: Client) -> None:
    where = "/sign-in"
    request = RequestFactory().get(where)
    assert "chat" in [room.key for room in shell.Shell(request).rooms]
    close()
    assert not is_open("chat")
    assert "chat" not in [room.key for room in shell.Shell(request).rooms]


def test_other_rooms_stay_open(visitor: Client) -> None:
    close()
    assert visitor.get("/sign-in").status_code == 200


def test_an_api_operation_belongs_to_the_room_it_is_named_for() -> None:
    assert room_of(["api"], "/api/v1/chats/turns") == "chat"
    assert room_of(["api"], "/api/v1/chats") == "chat"
    assert room_of(["api"], "/api/v1/files/limits") == "files"
    assert room_of(["api"], "/api/v1/chatter") == ""
    assert room_of(["api"], "/api/v1/me") == ""
    assert room_of(["chat"], "/anything") == "chat"
    assert room_of([], "/chat-like") == ""


def test_a_closed_room_is_closed_to_programs_too(visitor: Client) -> None:
    """The chats' own operations went on answering while their pages were 404."""
    assert visitor.get("/api/v1/chats").status_code == 200
    close()
    assert visitor.get("/api/v1/chats").status_code == 404


def test_whatever_the_api_names_is_a_room_or_always_there() -> None:
    """A router hung under a new word would stay open when its room is closed."""
    first = {route.split("/")[3] for route, _spaces, _view in routes() if "/api/v1/" in route}
    rooms = {room_of(["api"], f"/api/v1/{word}") for word in first} - {""}

    always = {word for word in first if not room_of(["api"], f"/api/v1/{word}")}
    of_people = {"keys", "me", "sessions", "terms", "tokens"}
    of_moderation = {"appeals", "blocks", "decisions", "reports"}
    of_metering = {"receipts", "usage"}
    everywhere = of_people | of_moderation | of_metering
    assert always <= everywhere | {"announcements", "openapi.json"}
    assert always >= of_people
    assert rooms >= {"chat", "files", "notifications"}


def test_a_program_is_told_in_its_own_way() -> None:
    close()

    def never(request: HttpRequest) -> HttpResponse:
        raise AssertionError

    request = RequestFactory().get("/api/v1/chats/turns", headers={"accept": "application/json"})
    request.resolver_match = resolve("/chat")
    answer = switch(never).process_view(request, never, (), {})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_switch_works_on_an_event_loop_too() -> None:
    async def seen() -> int:
        return (await AsyncClient().get("/chat")).status_code

    assert async_to_sync(seen)() == 200
    close()
    assert async_to_sync(seen)() == 404


def test_on_an_event_loop_the_middleware_itself_asks_no_thread_while_it_knows() -> None:
    close()

    async def through() -> Any:
        async def never(request: HttpRequest) -> HttpResponse:
            raise AssertionError

        middleware = switch(never)
        assert asyncio.iscoroutinefunction(middleware.process_view)
        request = RequestFactory().get("/chat")
        request.resolver_match = resolve("/chat")
        return await middleware.process_view(request, never, (), {})

    assert async_to_sync(through)().status_code == 404
