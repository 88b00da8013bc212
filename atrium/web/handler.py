"""Django's handler for views that are plain functions: one step into a thread for each request.

Django's own steps into a thread and back for every middleware that is not written twice, each time
into a thread made for that request alone, which opens a database connection of its own. Here a few
threads stay, and with them what they have opened.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from atrium.kit.limits import LIMITS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Handler(ASGIHandler):
    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(LIMITS.request_threads, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        try:
            answer = await self._in_thread(self._answer, scope, body)
            await self._send(answer, receive, send)
        finally:
            body.close()

    def _answer(self, scope: Scope, body: Any) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        if request is None:
            return cast(HttpResponseBase, refusal)
        answer = self._answered(request)
        if answer.streaming:
            close_old_connections()  # what is told later is closed in another thread than this
        else:
            answer.close()  # here, where the database was opened; its content stays
        return answer

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = self.get_response(request)
        answer._handler_class = type(self)  # type: ignore[attr-defined]  # noqa: SLF001
        return answer

    async def _send(self, answer: HttpResponseBase, receive: Receive, send: Send) -> None:
        if not answer.streaming:
            await self.send_response(answer, send)
            return
        sending = asyncio.create_task(self.send_response(answer, send))
        leaving = asyncio.create_task(self._left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()  # whoever left needs no more of it; when it is done, nothing happens
            with contextlib.suppress(asyncio.CancelledError):
                await sending
            await self._in_thread(answer.close)

    async def _left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _in_thread(self, work: Callable[..., Any], *told: Any) -> Any:
        # In a context of its own: what one request activates, its language, is not the next one's.
        run = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._threads, run, work, *told)
