from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Route

from atrium.events.actions import tell
from atrium.kit import clock
from atrium.people.models import Guest
from tests.house.browser import axe, screenshot
from tests.house.looking import sideways

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("turned", ["ltr", "rtl"])
def test_every_part_fits_and_can_be_reached_in_both_themes_and_directions(
    open_context: Callable[..., BrowserContext], scheme: Any, width: int, turned: str
) -> None:
    page = open_context(viewport={"width": width, "height": 844}, color_scheme=scheme).new_page()
    page.goto(f"/look?dir={turned}")

    assert sideways(page) == []
    assert axe(page) == []
    screenshot(page, f"look-{width}-{scheme}-{turned}")


def test_a_chosen_theme_is_there_before_the_first_paint(page: Page) -> None:
    page.goto("/look")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Appearance and language").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Dark").click()

    said = page.request.get("/look").text()
    assert 'data-theme="dark"' in said
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


LATE = """document.addEventListener("DOMContentLoaded", () => {
    const picture = new Image(); picture.src = "/late.png"; document.body.append(picture) })"""


def test_a_notes_time_begins_when_its_page_stands(page: Page) -> None:
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/late.png", hold)
    page.add_init_script(LATE)
    page.clock.install()
    page.goto("/look", wait_until="commit")
    note = page.locator(".toast.success[data-seen]")
    note.wait_for()

    page.clock.fast_forward("01:00")
    assert note.is_visible()
    with page.expect_event("load"):
        for each in late:
            each.fulfill(status=204)
    page.clock.fast_forward("01:00")

    note.wait_for(state="detached")


FILL = """([text]) => { const box = document.createElement("div");
    try { box.innerHTML = text; return box.childElementCount } catch { return "refused" } }"""


def test_text_that_could_act_never_becomes_a_page(browser: Browser, server: str) -> None:
    page = browser.new_page(base_url=server)  # which complains of what is refused, and shall
    page.goto("/offline")
    _wait(page, ".scripted")
    acts = [
        "<img src=x onerror=alert(1)>",
        "<p><script>alert(1)</script>",
        "<svg/onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src=/></iframe>",
        '<script src="https://elsewhere.example/x.js"></script>',
        '<script src="/static/../files/1"></script>',
        '<b title="a>b" onclick=alert(1)>x</b>',
    ]
    rests = [
        '<p title="turn on = off">if x on = y, &lt;img onerror=z&gt;</p>',
        "<p>it's said: javascript: is a word; on= too</p>",
        '<input placeholder="javascript: a question">',
        '<a href="/chat?q=on=1">x</a>',
    ]

    assert [page.evaluate(FILL, [text]) for text in acts] == ["refused"] * len(acts)
    assert [page.evaluate(FILL, [text]) for text in rests] == [1] * len(rests)
    page.close()


def test_htmx_fills_a_part_of_a_page_and_shows_a_refusal_in_the_corner(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context().new_page()
    page.goto("/look")
    _wait(page, ".scripted")

    page.evaluate(
        "void htmx.ajax('GET', '/offline', {target: '#sample-confirm', select: '.empty'})"
    )
    page.wait_for_selector("#sample-confirm .empty", state="attached")
    page.evaluate("void htmx.ajax('GET', '/nowhere', {target: '#content'})")
    note = page.locator("#said .toast")
    note.wait_for()

    assert page.locator("#content").is_visible()
    note.get_by_role("button").click()
    assert note.count() == 0


def _guest_in(context: BrowserContext) -> Guest:
    """Let a visitor become a guest, as the first upload or question would make one."""
    from atrium.people.actions import welcome_guest  # noqa: PLC0415
    from atrium.people.queries import GUEST_COOKIE  # noqa: PLC0415

    guest, token = welcome_guest(at=clock.now())
    context.add_cookies([{"name": GUEST_COOKIE, "value": token, "url": settings.PUBLIC_ADDRESS}])
    return guest


# What was heard is written on the page: waiting for an expression would need an eval.
HEARD = """() => { const heard = [];
    const tell = (name, value) => document.documentElement.setAttribute(name, value);
    document.addEventListener("live:planted", (event) => {
      heard.push(event.detail.n); tell("data-heard", heard.join(" ")); });
    document.addEventListener("live:ready", () => tell("data-ready", "")); }"""


def _wait(page: Page, state: str) -> None:
    page.locator(f"html{state}").wait_for(state="attached")


def test_tabs_share_one_stream_and_the_next_goes_on_where_the_leader_was(
    open_context: Callable[..., BrowserContext],
) -> None:
    context = open_context()
    context.add_init_script(f"({HEARD})()")
    streams: list[str] = []
    context.on(
        "request",
        lambda sent: (
            streams.append(sent.url) if "/live" in sent.url and ".js" not in sent.url else None
        ),
    )
    guest = _guest_in(context)
    first, second = context.new_page(), context.new_page()
    for tab in (first, second):
        tab.goto("/look")
        _wait(tab, "[data-ready]")

    tell(f"guest:{guest.pk}", "planted", {"n": 1}, at=clock.now())
    for tab in (first, second):
        _wait(tab, "[data-heard]")
    assert len(streams) == 1

    first.close()
    tell(f"guest:{guest.pk}", "planted", {"n": 2}, at=clock.now())
    _wait(second, "[data-heard='1 2']")
    assert len(streams) == 2
    assert "after=1" in streams[1]


def test_without_locks_the_page_asks_every_few_seconds(
    open_context: Callable[..., BrowserContext],
) -> None:
    context = open_context()
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})"
    )
    context.add_init_script(f"({HEARD})()")
    guest = _guest_in(context)
    tab = context.new_page()
    tab.goto("/look")
    _wait(tab, "[data-ready]")

    tell(f"guest:{guest.pk}", "planted", {"n": 7}, at=clock.now())

    _wait(tab, "[data-heard]")
