"""The real house, served from a thread, and a real browser that looks at it."""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from django.contrib.staticfiles.management.commands.collectstatic import Command as CollectStatic
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from atrium.environment import CHECKOUT
from atrium.web import drain
from tests.house import worker
from tests.house.run import CHROMIUM_NAMES
from tests.house.shares import engines

PATIENCE = 20
SCREENSHOTS = CHECKOUT / "var" / "screenshots"


# A served house


class InThread(threading.Thread):
    """uvicorn with the house's own ASGI application, on a free port of this machine."""

    def __init__(self, app: Any) -> None:
        super().__init__(name="served house", daemon=True)
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            lifespan="on",
            log_config=None,
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=3,
        )
        self.server = uvicorn.Server(config)
        self.listening: Future[int] = Future()

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as trouble:  # whoever waits for the port is told
            if not self.listening.done():
                self.listening.set_exception(trouble)
        finally:
            connections.close_all()

    async def _serve(self) -> None:
        serving = asyncio.create_task(self.server.serve())
        while not self.server.started and not serving.done():
            await asyncio.sleep(0.01)
        if self.server.started:
            port = self.server.servers[0].sockets[0].getsockname()[1]
            self.listening.set_result(port)
        await serving

    def end(self) -> None:
        drain.begin()
        self.server.should_exit = True
        self.join(PATIENCE)
        drain.reset()


@pytest.fixture(scope="session")
def collected_static() -> None:
    """Collect the static files once a run, hashed as in production."""
    call_command(CollectStatic(), interactive=False, verbosity=0)


@pytest.fixture
def server(transactional_db: None, collected_static: None, settings: Any) -> Iterator[str]:
    """Serve the real ASGI application with a worker beside it; yield its address."""
    from atrium.asgi import build  # noqa: PLC0415

    thread = InThread(build())
    thread.start()
    address = f"http://localhost:{thread.listening.result(PATIENCE)}"
    settings.PUBLIC_ADDRESS = address
    settings.CSRF_TRUSTED_ORIGINS = [address]
    stop_worker = worker.start()
    try:
        yield address
    finally:
        stop_worker()
        thread.end()


# A browser


def chromium() -> str:
    """Return the path of the system's Chromium, or nothing."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    path = chromium()
    if not path:
        pytest.skip("no Chromium on this machine")
    # Playwright's own loop runs in this thread; Django would take every query for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE * 1_000)  # a busy machine is slow, and not wrong
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Troubles:
    """What a page complained about: errors, refused resources, foreign addresses."""

    seen: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext, home: str) -> None:
        context.on("weberror", lambda error: self.seen.append(f"error: {error.error}"))
        context.on("console", self._hear)
        context.on("request", lambda request: self._look(request.url, home))

    def _hear(self, message: Any) -> None:
        refused = ("status of 4", "Status Error Code 4")  # the browser's words, and htmx's
        # Somebody who goes on to another page breaks off what this one still asked for.
        left = ("htmx:afterRequest", "htmx:sendAbort")
        is_usual = any(words in message.text for words in (*refused, *left))
        if message.type == "error" and not is_usual:
            self.seen.append(f"console: {message.text}")

    def _look(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:", "about:")):
            self.seen.append(f"foreign address: {url}")


@pytest.fixture
def troubles() -> Troubles:
    return Troubles()


@pytest.fixture
def open_context(
    browser: Browser, server: str, troubles: Troubles
) -> Iterator[Callable[..., BrowserContext]]:
    """Open browsers of different people; afterwards, fail on anything their pages complained of."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        quiet = {"reduced_motion": "reduce", "locale": "en-GB", "timezone_id": "UTC"}
        context = browser.new_context(base_url=server, **{**quiet, **options})
        context.set_default_timeout(20_000)
        troubles.watch(context, server)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert not troubles.seen, "\n".join(troubles.seen)


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A fresh browser's page, of somebody nobody knows yet."""
    return open_context(viewport={"width": 1280, "height": 800}).new_page()


def sign_in(page: Page, username: str, password: str) -> None:
    """Sign in as people do."""
    page.goto("/sign-in")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def arrive(page: Page, path: str) -> None:
    """Wait until the page is at ``path``; an address that only names it in its query is not it."""
    page.wait_for_url(lambda url: urlsplit(url).path == path)


def axe(page: Page, *rules: str) -> list[str]:
    """Return what axe finds wrong with the page as it stands, one line each.

    :param rules: the only ones to look at; all of them when none is named
    """
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(_axe())
    asked: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        asked["runOnly"] = rules
    found = page.evaluate("(asked) => axe.run(asked)", asked)["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']} — {node['html'][:160]}"
        for each in found
        for node in each["nodes"]
    ]


@cache
def _axe() -> str:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    return str(Axe().axe_script)


def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in a folder that git ignores, and return its path.

    Not when the whole suite runs on both engines, unless ATRIUM_TEST_PICTURES says so: nobody
    looks at them then.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    if len(engines()) > 1 and "ATRIUM_TEST_PICTURES" not in os.environ:
        return path
    page.screenshot(path=path, full_page=True, animations="disabled", caret="hide")
    return path
