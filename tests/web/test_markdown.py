import re
from html.parser import HTMLParser

import pytest

from atrium.web.markdown import render

pytestmark = pytest.mark.once


def test_each_block_runs_in_the_direction_of_its_own_words() -> None:
    said = render("Hello\n\n- שלום\n- מה נשמע\n\n> مرحبا\n\n| a |\n|---|\n| b |")

    assert '<p dir="auto">Hello</p>' in said
    assert '<ul dir="auto">\n<li>' in said
    assert '<blockquote dir="auto">' in said
    assert '<table dir="auto">' in said


def test_code_keeps_the_names_of_its_parts_and_nothing_else() -> None:
    said = render('```python\ndef f(): return "<b onclick=x>"\n```')

    assert '<span class="k">def</span>' in said
    assert '<span class="nf">f</span>' in said
    assert "<b" not in said


def test_a_cited_number_is_a_link_where_it_is_known() -> None:
    said = render("So it is [1], and so [2].", citations={1: "/chat/turns/x/sources/1"})

    assert '<a class="cite" href="/chat/turns/x/sources/1"' in said
    assert "[2]" in said


def test_headings_stand_below_the_pages_own_and_leave_no_gap() -> None:
    said = render("# One\n\n#### Four\n\n## Two\n\n###### Six\n\n# Again")

    assert re.findall(r"<(h\d)", said) == ["h2", "h3", "h3", "h4", "h2"]
    assert re.findall(r"</(h\d)", said) == ["h2", "h3", "h3", "h4", "h2"]


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://elsewhere.example/x.png)",
        "[x](//elsewhere.example)",
        "```html\n<script>alert(1)</script>\n```",
        '<p dir="auto" onclick="alert(1)">',
    ],
)
def test_nothing_of_it_acts_or_loads(text: str) -> None:
    tags = Tags()
    tags.feed(render(text))

    for name, attributes in tags.seen:
        assert name not in {"img", "script"}
        assert set(attributes) <= {"href", "class", "dir", "rel"}
        assert not attributes.get("href", "").startswith(("javascript:", "//"))


class Tags(HTMLParser):
    """What a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))
