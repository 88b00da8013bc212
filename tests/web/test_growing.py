"""A text under way reads, at every letter, as the beginning of what it will be."""

import random
import re

import pytest

from atrium.web.markdown import render, render_growing
from tests.chat.test_answers_in_the_browser import RICH, words

pytestmark = pytest.mark.once

MORE = r"""Some **bold, *both* and `code`** in a line, ~~gone~~, and *slanted* words.

[A link](https://a.example/x) and ![a picture](https://a.example/p.png), a [bracket] and [1].

Costs $5, or $10; but $x_1$ and \(y\) are none. A lone * star, 2 * 3 and a_b_c and 5 < 6 & so on.

## A heading with `code`

### Deeper

1. One
2. Two, with **bold**
   - inner *one*

     more of it
3. Three

> A quote, **bold**
> on two lines

~~~
fenced `with` **marks**
# not a heading
~~~

\[
a
+ b
\]

| a | b |
|---|---|
| **c** | `d` |

***

- [ ] to do
- [x] done

The end, see <https://a.example/y> or https://a.example/z_(q). And *so* on
"""


@pytest.mark.parametrize("text", [RICH, MORE], ids=["rich", "more"])
def test_no_letter_is_shown_that_will_not_stand(text: str) -> None:
    whole = words(render(text))
    wrong = []
    for length in range(len(text) + 1):
        grown = render_growing(text[:length])
        shown = words(grown.settled + grown.last)
        if not whole.startswith(shown):
            wrong.append((text[:length][-30:], shown[-30:]))
    assert not wrong


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("text", [RICH, MORE], ids=["rich", "more"])
def test_what_is_settled_stays_and_adds_up_to_the_whole(text: str, seed: int) -> None:
    chance = random.Random(seed)
    settled, above, at, length = "", "", 0, 0
    while length < len(text) // 2:
        length += chance.randint(1, 60)
        grown = render_growing(text[at:length], above=above)
        settled, at, above = settled + grown.settled, at + grown.length, grown.above
    grown = render_growing(text[at:], above=above)

    assert settled + grown.settled + grown.last == render(text)


def test_most_of_a_long_text_is_settled() -> None:
    assert render_growing("One paragraph.\n\n" * 100).length == len("One paragraph.\n\n" * 99)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("So **bo", "<strong>bo</strong>"),
        ("So `co", "<code>co</code>"),
        ("A list:\n-", "A list:"),
        ("A title\n--", "A title"),
        ("```py", ""),
        ("```py\ndef f", "f"),
        ("| a | b |\n|--", "<th>b</th>"),
        ("See [the", "See"),
        ("See ![it](https://a.exa", "See"),
        ("So $$x^", "So"),
        ("$$\n- x\n+ y", ""),
    ],
)
def test_no_mark_is_bare(text: str, shown: str) -> None:
    said = render_growing(text).last

    assert shown in said
    assert not re.search(r"[*`|$\[!-]", words(said))


def test_a_number_is_drawn_as_a_citation_where_there_will_be_some() -> None:
    assert '<span class="cite">1</span>' in render_growing("So it is [1].", cites=True).last
    assert "[1]" in render_growing("So it is [1].").last


@pytest.mark.parametrize("piece", ["**a ", "[", "![a](", "`", "$a ", "\\(", "| a ", "<", "&", "*_"])
def test_a_text_of_marks_alone_is_bounded_work(piece: str) -> None:
    assert render_growing(piece * (16_000 // len(piece)))
