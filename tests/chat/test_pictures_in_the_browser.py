"""Pictures that come with a question, as people bring and see them."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from atrium.engines.models import Model
from atrium.engines.protocol import Text
from tests.chat import scripted
from tests.chat.scripted import Scripted
from tests.files.conftest import picture
from tests.house.looking import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BRING = """([kind, name, data]) => {
  const bytes = Uint8Array.from(atob(data), (mark) => mark.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type: "image/png" }));
  const told = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true });
  document.body.dispatchEvent(told);
}"""
IS_SHOWN = "image => image.complete && image.naturalWidth > 0"


@pytest.fixture(autouse=True)
def engine(transactional_db: None) -> Iterator[Scripted]:
    scripted.model(pictures_in=True)
    with scripted.speaking(Scripted([Text("A green leaf on teal.")])) as speaks:
        yield speaks


def bring(page: Page, way: str, name: str) -> None:
    data = base64.b64encode(picture("PNG", size=(900, 600))).decode()
    page.evaluate(BRING, [way, name, data])
    line = page.locator("chat-composer .uploads li").filter(has_text=name)
    expect(line).to_contain_text("Received")
    assert line.locator("img.thumbnail").evaluate(IS_SHOWN)


def ask(page: Page) -> None:
    page.get_by_label("Your question", exact=True).fill("What is on these?")
    page.get_by_role("button", name="Send").click()


def test_pictures_dropped_and_pasted_are_asked_with_and_shown(page: Page, engine: Scripted) -> None:
    page.goto("/chat")
    page.wait_for_selector(".scripted chat-composer .uploads", state="attached")
    expect(page.locator("#attach-limits")).to_contain_text("Pictures up to 20 MB")
    bring(page, "drop", "leaf.png")
    bring(page, "paste", "tree.png")
    look(page, "chat-pictures-composer")
    ask(page)
    page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
    expect(page.locator(".answer")).to_contain_text("A green leaf")
    seen = page.locator(".turn.mine .pictures img")
    expect(seen).to_have_count(2)
    assert [one.get_attribute("alt") for one in seen.all()] == ["leaf.png", "tree.png"]
    for one in seen.all():
        page.wait_for_function(IS_SHOWN, arg=one.element_handle())
    assert len(engine.asked[0].pictures) == 2
    look(page, "chat-pictures")
    way = page.locator(".turn.mine .pictures a").first.get_attribute("href")
    assert page.request.get(str(way)).headers["content-type"] == "image/jpeg"


def test_a_model_that_takes_none_says_which_does(page: Page, engine: Scripted) -> None:
    Model.objects.filter(slug="reader").update(order=0)
    page.goto("/chat")
    page.wait_for_selector(".scripted chat-composer .uploads", state="attached")
    bring(page, "drop", "leaf.png")
    ask(page)
    said: Any = page.get_by_text("Ask Scripted, or remove the picture.")
    expect(said.first).to_be_visible()
    assert not engine.asked
