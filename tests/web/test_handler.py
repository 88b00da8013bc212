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


urlpatterns = [path("endless", endless)]


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
