"""A model that does as a poisoned page told it: nothing of what it says leaves the house."""

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from atrium.engines.models import Model, Provider
from tests import make
from tests.house.browser import Troubles, sign_in
from tests.house.injections import FOREIGN, PAYLOADS
from tests.house.upstream import Does, Upstream, upstream

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AT_ONCE = 10
# What a page must not hold, wherever it came from; what the house itself put there is left out.
MADE = """() => {
  const names = new Set(("img picture source video audio iframe object embed script style link meta"
    + " base form input svg image use live-answer").split(" "));
  const acts = /^(on|hx-|style|src|srcset|poster|data$|action|background|xlink)/;
  const all = [...document.querySelectorAll(".answer *")];
  return all.flatMap((one) => [
    ...(names.has(one.localName) && !one.closest(".copy") ? [one.localName] : []),
    ...one.getAttributeNames().filter((name) => acts.test(name)),
    ...(one.href && new URL(one.href).origin !== location.origin ? [one.href] : []),
  ]);
}"""
LISTEN = """() => {
  const report = ({ blockedURI }) => window.reports.push(blockedURI);
  window.reports = [];
  document.addEventListener("securitypolicyviolation", report);
}"""


@pytest.fixture
def obedient(transactional_db: None) -> Iterator[Upstream]:
    with upstream() as served:
        provider = Provider.objects.create(name="Loop", kind="openai", url=served.url)
        Model.objects.create(provider=provider, slug="obedient", title="Obedient", order=1)
        yield served


def in_pieces(text: str, chance: random.Random) -> tuple[bytes, ...]:
    """The stream of an answer, cut anywhere: in words, in frames, in letters."""
    frames, at = [], 0
    while at < len(text):
        size = chance.randint(1, 9)
        delta = {"choices": [{"index": 0, "delta": {"content": text[at : at + size]}}]}
        frames.append(f"data: {json.dumps(delta, ensure_ascii=False)}\n\n".encode())
        at += size
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    whole = b"".join([*frames, f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n".encode()])
    pieces, at = [], 0
    while at < len(whole):
        size = chance.randint(1, 400)
        pieces.append(whole[at : at + size])
        at += size
    return tuple(pieces)


def ask(page: Page, number: int) -> None:
    page.get_by_label("Your question").fill(f"What does page {number} say?")
    page.get_by_role("button", name="Send").click()


def _dismissed(said: list[str], dialog: Dialog) -> None:
    said.append(dialog.message)
    dialog.dismiss()


def looked_through(page: Page) -> list[str]:
    found: list[str] = page.evaluate(MADE)
    return found + list(page.evaluate("window.reports"))


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), AT_ONCE))
def test_no_answer_asks_a_foreign_address(
    open_context: Callable[..., BrowserContext],
    obedient: Upstream,
    server: str,
    troubles: Troubles,
    first: int,
) -> None:
    chance = random.Random(first)
    payloads = list(PAYLOADS[first : first + AT_ONCE])
    chance.shuffle(payloads)
    pieces = in_pieces("\n\n".join(["Amber begins.", *payloads, "Amber ends."]), chance)
    obedient.does = Does(raw=pieces, pause_after=chance.randint(2, len(pieces) - 2))
    make.person(username="alice", password=make.PASSWORD)
    page = open_context().new_page()
    said: list[str] = []
    page.on("dialog", partial(_dismissed, said))
    page.add_init_script(f"({LISTEN})()")
    sign_in(page, "alice", make.PASSWORD)
    page.goto("/chat")
    ask(page, first)
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))

    expect(page.locator("live-answer .answer")).to_contain_text("Amber begins.")
    assert looked_through(page) == []
    obedient.go_on()
    expect(page.locator(".receipt")).to_be_visible()
    assert looked_through(page) == []
    page.reload()
    expect(page.locator(".answer").last).to_contain_text("Amber begins.")
    assert looked_through(page) == []
    assert said == []
    assert not [one for one in troubles.seen if FOREIGN in one]
    for link in page.locator(".answer a").evaluate_all("all => all.map((one) => one.href)"):
        assert urlsplit(link).netloc == urlsplit(server).netloc


def test_there_are_sixty_and_a_planted_one_is_seen(page: Page, troubles: Troubles) -> None:
    assert len(PAYLOADS) >= 60
    page.add_init_script(f"({LISTEN})()")
    page.goto("/chat")
    page.evaluate(
        """(foreign) => {
          const answer = document.createElement("div");
          answer.className = "answer";
          document.querySelector(".scroll").append(answer);
          const picture = new Image();
          picture.src = `https://${foreign}/told`;
          answer.append(picture);
        }""",
        FOREIGN,
    )
    page.wait_for_function("window.reports.length")

    assert any("img" in one for one in looked_through(page))
    assert any(FOREIGN in one for one in troubles.seen)
    troubles.seen.clear()
