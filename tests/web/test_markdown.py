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
        assert set(attributes) <= {"href", "class", "dir", "rel", "target"}
        assert attributes.get("href", "#").startswith(("/leaving?to=https%3A", "#"))


def test_a_foreign_link_leads_through_the_page_that_says_where() -> None:
    said = render("[x](https://elsewhere.example/?a=b&c) and [here](/chat)")

    away = "/leaving?to=https%3A%2F%2Felsewhere.example%2F%3Fa%3Db%26c"
    assert f'<a class="away" target="_blank" href="{away}" rel="noopener' in said
    assert '<a href="/chat"' in said


def test_a_picture_is_its_words_and_its_address() -> None:
    said = render("![a leaf](https://elsewhere.example/x.png) ![](data:image/png;base64,AA)")

    assert "<img" not in said
    assert 'a leaf <span class="address">https://elsewhere.example/x.png</span></a>' in said
    assert "data:" not in said


def test_an_address_by_itself_is_a_link_without_what_follows_it() -> None:
    said = render("(see https://a.example/b_(c).) and [https://x.example](https://y.example)")

    assert ">https://a.example/b_(c)</a>.)" in said
    assert said.count("<a ") == 2


def test_markup_shown_as_text_stays_as_it_was_written() -> None:
    said = render('Write `<a href="style.css">` so.\n\n```html\n<a href="style.css">\n```')

    assert said.count('href="style.css"') == 1  # the other one is coloured, in pieces
    assert 'href="#"' not in said


def test_a_table_scrolls_in_itself_and_keeps_its_sides() -> None:
    said = render("| a | b | c |\n|:-:|--:|---|\n| 1 | 2 | 3 |")

    assert '<div class="sideways"><table dir="auto">' in said
    assert '<th class="middle">a</th>' in said
    assert '<td class="end">2</td>' in said
    assert "style=" not in said


def test_a_list_of_tasks_says_what_is_done() -> None:
    said = render("- [x] sown\n- [ ] watered\n- [y] no task")

    assert said.count('<li class="task">') == 2
    assert 'aria-label="Done:"></span>sown' in said
    assert 'aria-label="To do:"></span>watered' in said
    assert "[y] no task" in said


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("So $a^2$ it is.", "inline"),
        (r"So \(a^2\) it is.", "inline"),
        ("$$\na^2\n$$", "block"),
        (r"\[ a^2 \]", "block"),
        (r"- one \[ a^2 \]", "block"),
    ],
)
def test_formulas_are_drawn(text: str, display: str) -> None:
    said = render(text)

    assert f'<math display="{display}" alttext="a^2">' in said
    assert "<msup><mi>a</mi><mn>2</mn></msup>" in said


@pytest.mark.parametrize("text", ["$5 and $10", "$5-$10", "a $ b $ c", "`$a$`", "```\n$a$\n```"])
def test_money_and_code_are_no_formulas(text: str) -> None:
    assert "<math" not in render(text)


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{&lt;img src=x onerror=alert(1)&gt;}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(//elsewhere.example)}{x}",
        r"\class{composer}{x}",
        r'\text{"></math><script>alert(1)</script>}',
    ],
)
def test_a_formula_holds_nothing_but_itself(tex: str) -> None:
    tags = Tags()
    tags.feed(render(f"$${tex}$$"))

    assert tags.seen
    for name, attributes in tags.seen:
        assert name in {"math", "mrow", "mtext", "mi", "mo", "mstyle", "p", "div"}
        assert set(attributes) <= {"display", "alttext", "class", "dir", "stretchy"}
        assert attributes.get("class", "formula") == "formula"


@pytest.mark.parametrize(
    "tex",
    [r"\frac{", r"\left( x", "x^", "a_b_c", "{" * 3_000, r"\newcommand{\a}{\a\a}\a", "x" * 5_000],
)
def test_what_is_no_formula_is_shown_as_it_was_written(tex: str) -> None:
    said = render(f"$$\n{tex}\n$$")

    assert "<math" not in said
    assert tex[:20] in said.replace("&#x27;", "'")


@pytest.mark.parametrize(
    "piece",
    [
        "$a",
        r"\(",
        r"\[",
        "$$ a\n",
        "\\[ a\n",
        "[x](https://",
        "![a](",
        "*a_",
        "`",
        "https://a)",
        "|a",
    ],
)
def test_what_never_closes_is_read_in_bounded_work(piece: str) -> None:
    assert render(piece * (32_000 // len(piece)))


class Tags(HTMLParser):
    """What a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))
