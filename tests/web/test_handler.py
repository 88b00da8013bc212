import asyncio
from typing import Any

import pytest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from django.utils import translation

from atrium.web.handler import Handler
from atrium.web.policy import page

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/endless",
    "query_string": b"",
    "headers": [],
    "client": ["127.0.0.1", 1],
    "server": ["127.0.0.1", 80],
}
closed: list[bool] = []


class Endless(StreamingHttpResponse):
    def close(self) -> None:
        super().close()
        closed.append(True)


async def _beats() -> Any:
    while True:
        yield b"beat"
        await asyncio.sleep(0)


@page("GET", who="anyone")
def endless(_request: HttpRequest) -> Endless:
    return Endless(_beats())


@page("GET", who="anyone")
def reading(_request: HttpRequest) -> StreamingHttpResponse:
    connections["default"].ensure_connection()
    return StreamingHttpResponse(_few())


async def _few() -> Any:
    yield b"all"


urlpatterns = [path("endless", endless), path("reading", reading)]


def test_one_request_does_not_speak_the_language_of_the_one_before() -> None:
    async def spoken() -> str:
        handler = Handler()
        await handler._in_thread(translation.activate, "uk")
        return str(await handler._in_thread(translation.get_language))

    assert asyncio.run(spoken()) == "en"


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls(__name__)
def test_a_stream_ends_when_its_reader_leaves() -> None:
    async def ask() -> list[bytes]:
        handler, heard, enough = Handler(), [], asyncio.Event()
        coming = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Any:
            if coming:
                return coming.pop()
            await enough.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            heard.append(message.get("body", b""))
            if len(heard) == 5:
                enough.set()

        await handler(dict(SCOPE), receive, send)
        await handler._in_thread(connections.close_all)
        return heard

    closed.clear()
    assert asyncio.run(asyncio.wait_for(ask(), 20))[1:5] == [b"beat"] * 4
    assert closed == [True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls(__name__)
def test_a_thread_that_begins_a_stream_gives_its_connection_back() -> None:
    async def ask() -> bool:
        handler, coming = Handler(), [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Any:
            return coming.pop() if coming else await asyncio.Event().wait()

        async def send(_message: Any) -> None:
            # Before the stream is closed, which happens in whichever thread is free.
            held.append(await handler._in_thread(_holds_one))

        await handler(SCOPE | {"path": "/reading"}, receive, send)
        await handler._in_thread(connections.close_all)
        return any(held)

    held: list[bool] = []
    keeps = connections["default"].settings_dict["CONN_MAX_AGE"] is None
    assert asyncio.run(asyncio.wait_for(ask(), 20)) is keeps


def _holds_one() -> bool:
    return connections["default"].connection is not None
