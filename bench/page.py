"""Weigh the pages that people see first: bytes, requests, and Lighthouse's scores if it is there.

``python -m bench.page`` serves the product as in production on a folder of its own and prints one
line a page. Lighthouse comes from ``npm i lighthouse``; it is looked for on the PATH and in
``ATRIUM_LIGHTHOUSE``. Scores below 95, more than 120 kB or 15 requests for the landing page end it
with status 1.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.kills import House
from tests.house.run import CHROMIUM_NAMES

MOST_BYTES = 120_000
MOST_REQUESTS = 15
LEAST_SCORE = 95
TRIES = 4
CATEGORIES = ("performance", "accessibility", "best-practices")
NOTES = "Leaves look green because chlorophyll absorbs blue and red light.\n\n" * 30
_CHROMIUM = (
    "--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --disable-default-apps"
    " --disable-domain-reliability --disable-client-side-phishing-detection"
    ' --host-resolver-rules="MAP * ~NOTFOUND,EXCLUDE localhost"'
)


@dataclass
class Weight:
    """What came over the line for one page."""

    asked: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, float] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        line = page.context.new_cdp_session(page)
        line.on("Network.requestWillBeSent", self._asked)
        line.on("Network.loadingFinished", self._came)
        line.send("Network.enable")

    def _asked(self, told: dict[str, Any]) -> None:
        address = told["request"]["url"]
        if not re.search(r"/live(\?|$)", address):  # the event stream never ends
            self.asked[told["requestId"]] = address

    def _came(self, told: dict[str, Any]) -> None:
        if told["requestId"] in self.asked:
            self.bytes[self.asked[told["requestId"]]] = told["encodedDataLength"]

    @property
    def is_whole(self) -> bool:
        return set(self.asked.values()) <= set(self.bytes)

    @property
    def all_bytes(self) -> int:
        return round(sum(self.bytes.values()))

    @property
    def requests(self) -> int:
        return len(self.asked)

    def __str__(self) -> str:
        lines = [f"{size:9.0f}  {address}" for address, size in self.bytes.items()]
        return "\n".join([f"{self.all_bytes} bytes, {self.requests} requests", *lines])


def weigh(context: BrowserContext, address: str) -> Weight:
    """Open ``address`` in a browser that has kept nothing, and wait until all of it is there."""
    page, weight = context.new_page(), Weight()
    weight.watch(page)
    page.goto(address, wait_until="load")
    page.locator("html.scripted").wait_for(state="attached")
    for _look in range(400):
        page.wait_for_timeout(25)
        if weight.is_whole:
            break
    page.close()
    return weight


@dataclass
class Shown:
    """A page, and whose cookies open it."""

    name: str
    address: str
    cookies: list[Any]


def main() -> int:
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")
    if not chromium:
        print("page: no Chromium on this machine; nothing is measured.")
        return 0
    lighthouse = os.environ.get("ATRIUM_LIGHTHOUSE") or shutil.which("lighthouse") or ""
    if not lighthouse:
        print("page: Lighthouse is absent (npm i -g lighthouse), so there are no scores.")
    with tempfile.TemporaryDirectory() as folder, _house(Path(folder)) as house:
        origin = f"http://localhost:{house.port}"
        with _browser(chromium) as browser:
            pages = _furnish(browser, origin)
            weights = [_weigh_fresh(browser, one) for one in pages]
        print(f"{'page':<12}{'kB':>7}{'requests':>10}   performance, accessibility, practices")
        verdicts = [
            _line(one, weight, _scores(lighthouse, chromium, one) if lighthouse else {})
            for one, weight in zip(pages, weights, strict=True)
        ]
    return 0 if all(verdicts) else 1


@contextlib.contextmanager
def _house(folder: Path) -> Iterator[House]:
    house = House(folder)
    house.environment |= {
        "ATRIUM_MODE": "production",
        "ATRIUM_SECRET_KEY": secrets.token_urlsafe(48),
        "ATRIUM_PUBLIC_URL": f"http://localhost:{house.port}",
    }
    prepared = house.atrium("prepare")
    if prepared.returncode:
        raise RuntimeError(prepared.stderr)
    house.start()
    try:
        yield house
    finally:
        house.stop()


@contextlib.contextmanager
def _browser(chromium: str) -> Iterator[Browser]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


def _furnish(browser: Browser, origin: str) -> list[Shown]:
    """Make an account with a file and an answered question, as people do."""
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    page.goto("/sign-up")
    page.locator("[name=username]").fill("alice")
    page.locator("[name=password]").fill(secrets.token_urlsafe(12))
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"{origin}/")
    page.goto("/chat")
    notes = {"name": "leaves.txt", "mimeType": "text/plain", "buffer": NOTES.encode()}
    page.locator("input[type=file]").set_input_files(notes)  # type: ignore[arg-type]
    page.locator("textarea").fill("Why do leaves look green?")
    page.locator("[data-send]").click()
    page.locator(".receipt").first.wait_for()
    chat, cookies = page.url, context.cookies()
    context.close()
    return [
        Shown("landing", f"{origin}/", []),
        Shown("sign-in", f"{origin}/sign-in", []),
        Shown("chat", chat, cookies),
        Shown("dashboard", f"{origin}/", cookies),
    ]


def _weigh_fresh(browser: Browser, shown: Shown) -> Weight:
    context = browser.new_context()
    context.add_cookies(shown.cookies)
    weight = weigh(context, shown.address)
    context.close()
    return weight


def _scores(lighthouse: str, chromium: str, shown: Shown) -> dict[str, dict[str, int]]:
    return {
        form: _asked_of(lighthouse, chromium, shown, option)
        for form, option in (("desktop", "--preset=desktop"), ("phone", "--form-factor=mobile"))
    }


def _asked_of(lighthouse: str, chromium: str, shown: Shown, form: str) -> dict[str, int]:
    """Return each category of 100; a busy machine makes a trace fail, so it is tried again."""
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in shown.cookies)
    for _try in range(TRIES):
        with tempfile.TemporaryDirectory() as profile:
            root = "--no-sandbox " if os.geteuid() == 0 else ""
            said = subprocess.run(
                [
                    lighthouse,
                    shown.address,
                    form,
                    "--quiet",
                    "--output=json",
                    f"--only-categories={','.join(CATEGORIES)}",
                    "--no-enable-error-reporting",
                    f"--chrome-flags={root}{_CHROMIUM} --user-data-dir={profile}",
                    *([f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []),
                ],
                env={**os.environ, "CHROME_PATH": chromium},
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
        with contextlib.suppress(ValueError, TypeError):
            found = json.loads(said.stdout)["categories"]
            return {name: round(100 * found[name]["score"]) for name in CATEGORIES}
    return dict.fromkeys(CATEGORIES, 0)


def _line(shown: Shown, weight: Weight, scores: dict[str, dict[str, int]]) -> bool:
    """Print the line of a page; whether it keeps what was promised."""
    said = "   ".join(
        f"{form} {' '.join(str(found[name]) for name in CATEGORIES)}"
        for form, found in scores.items()
    )
    print(f"{shown.name:<12}{weight.all_bytes / 1000:>7.1f}{weight.requests:>10}   {said or '—'}")
    light = weight.all_bytes < MOST_BYTES and weight.requests <= MOST_REQUESTS
    good = all(score >= LEAST_SCORE for found in scores.values() for score in found.values())
    return good and (light or shown.name != "landing")


if __name__ == "__main__":
    sys.exit(main())
