"""What answers look like, and what can be done with them."""

import html
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from atrium.chat.models import Turn
from atrium.engines.protocol import Reasoning, Text
from tests.chat import scripted
from tests.chat.scripted import Scripted
from tests.house.browser import axe, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RICH = r"""# Leaves

Leaves look **green** because of *chlorophyll*; see https://elsewhere.example/leaves_(green).
The light that is left follows $I = I_0 e^{-\mu x}$, and the whole of it:

$$
\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}, \qquad
\begin{pmatrix} a & b \\ c & d \end{pmatrix}
$$

## What was done

- [x] sown, on a [sunny](https://elsewhere.example/sun) day
- [ ] watered

1. First
2. Second
   - inside

```python
import math

def shade(depth: float, mu: float = 0.3) -> float:
    '''How much light is left.'''  # at this depth
    return 100 * math.exp(-mu * depth) if depth > 0 else 100.0
```

| Pigment | Absorbs | Share of the light, in percent of what falls on the leaf at noon |
|:--------|:-------:|------:|
| Chlorophyll a | 430 and 662 nm | 61.5 |
| Carotene | 450 nm, and a little beside it on both sides of the line | 8 |

> Quoted from a friend.

![a leaf](https://elsewhere.example/leaf.png?who=reader)

```
plain text in a frame, with a line that is much longer than the column of the answer is wide
```
"""


def words(shown: str) -> str:
    """What stands in HTML, without its spaces, the copy buttons, and how formulas are drawn."""
    bare = re.sub(r"<math.*?</math>", "∑", shown, flags=re.DOTALL)
    bare = re.sub(r"<button.*?</button>", "", bare, flags=re.DOTALL)
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", bare)))


def asked(page: Page, engine: Scripted) -> None:
    scripted.model()
    with scripted.speaking(engine):
        page.goto("/chat")
        page.get_by_label("Your question").fill("Why do leaves look green?")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
        expect(page.locator(".receipt")).to_be_visible()


def test_an_answer_is_laid_out_in_both_themes_and_on_a_phone(
    open_context: Callable[..., BrowserContext],
) -> None:
    context = open_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked(page, Scripted([Text(RICH)]))
    for theme in ("light", "dark"):
        for width, height in ((1280, 900), (390, 844)):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": height})
            page.reload()
            expect(page.locator(".answer .code > .copy")).to_have_count(2)
            assert axe(page) == []
            box = page.locator(".scroll")
            assert box.evaluate("one => one.scrollWidth <= one.clientWidth")
            box.evaluate("one => { one.scrollTop = 0; }")
            screenshot(page, f"answer-{theme}-{width}")
            box.evaluate("one => { one.scrollTop = one.scrollHeight; }")
            screenshot(page, f"answer-{theme}-{width}-end")
    assert page.locator("math").count() == 2
    assert page.locator(".answer img").count() == 0


def test_code_and_the_whole_answer_can_be_copied(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    asked(page, Scripted([Text(RICH)]))
    page.locator(".code").first.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    code = page.evaluate("navigator.clipboard.readText()")
    assert code.startswith("import math\n\ndef shade")
    assert "'''How much light is left.'''" in code

    expect(page.get_by_role("button", name="Copied")).to_have_count(0)
    page.locator(".deeds").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").strip() == RICH.strip()


def test_a_foreign_link_is_asked_about_first(page: Page) -> None:
    asked(page, Scripted([Text("[sunny](http://bank.example@elsewhere.example/sun?told=all)")]))
    with page.expect_popup() as opened:
        page.get_by_role("link", name="sunny").click()
    between = opened.value
    expect(between.get_by_role("heading", name="This link leaves Atrium")).to_be_visible()
    expect(between.locator(".whole-address strong")).to_have_text("elsewhere.example")
    assert axe(between) == []
    screenshot(between, "leaving")
    between.set_viewport_size({"width": 390, "height": 844})
    between.emulate_media(color_scheme="dark")
    screenshot(between, "leaving-phone-dark")
    assert between.evaluate("window.opener") is None


WATCH = """() => {
  window.seen = [];
  const look = () => {
    const answer = document.querySelector("live-answer [data-text]");
    if (answer) window.seen.push(answer.innerHTML);
  };
  const log = document.querySelector("chat-log");
  new MutationObserver(look).observe(log, { childList: true, subtree: true, characterData: true });
}"""


def test_while_it_is_written_it_reads_as_it_will_in_the_end(page: Page) -> None:
    pieces = [Text(RICH[at : at + 9]) for at in range(0, len(RICH), 9)]
    engine = Scripted(pieces, pause_after=2)
    scripted.model()
    with scripted.speaking(engine):
        page.goto("/chat")
        page.get_by_label("Your question").fill("Why do leaves look green?")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
        expect(page.locator("live-answer h2")).to_have_text("Leaves")
        page.evaluate(WATCH)
        for far in range(7, len(pieces), 9):
            so_far = page.evaluate("window.seen.length")
            engine.pause_after = far
            page.wait_for_function("so_far => window.seen.length > so_far", arg=so_far)
        expect(page.locator("live-answer .code .k").first).to_be_visible()
        screenshot(page, "answer-growing")
        seen = page.evaluate("window.seen")
        page.reload()  # where it goes on
        expect(page.locator("live-answer math")).to_have_count(2)
        engine.go_on()
        expect(page.locator(".receipt")).to_be_visible()

    whole = words(page.locator(".answer").inner_html())
    assert len(set(seen)) > 10
    for shown in seen:
        assert whole.startswith(words(shown))
    page.reload()
    assert words(page.locator(".answer").inner_html()) == whole


def test_what_a_model_thinks_to_itself_is_shown_apart(page: Page) -> None:
    thoughts = [Reasoning("Leaves are green. "), Reasoning("<b>Why</b> would that be?")]
    engine = Scripted([*thoughts, Text("Because of **chlorophyll**.")], pause_after=2)
    scripted.model()
    with scripted.speaking(engine):
        page.goto("/chat")
        page.get_by_label("Your question").fill("Why do leaves look green?")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
        page.get_by_text("Thinking…").click()
        expect(page.locator("live-answer .thoughts")).to_contain_text("<b>Why</b> would that be?")
        screenshot(page, "answer-thinking")
        engine.go_on()
        expect(page.locator(".receipt")).to_be_visible()

    expect(page.locator(".answer")).to_have_text("Because of chlorophyll.")
    expect(page.locator(".thoughts > div")).to_be_visible()  # it had been opened
    assert Turn.objects.get(role=Turn.Role.ANSWERED).text == "Because of **chlorophyll**."
    page.reload()
    expect(page.locator(".thoughts > div")).to_be_hidden()
    page.get_by_text("What it thought first").click()
    expect(page.locator(".thoughts > div")).to_contain_text("Leaves are green.")
    assert axe(page) == []
    screenshot(page, "answer-thought")
