import pytest
from django.utils.translation import override

from atrium.sources.models import Passage

pytestmark = pytest.mark.once

TEXT = "Leaves are green\nbecause of chlorophyll.\n\nBread  needs time."


def passage(**fields: float) -> Passage:
    return Passage(text=TEXT, **{"first_line": 3, "last_line": 6, **fields})


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("Leaves are green", "line 3"),
        ("green because of", "lines 3–4"),
        ("Bread needs time.", "line 6"),
        (" ".join(TEXT.split()), "lines 3–6"),
        ("not in it", "lines 3–6"),
    ],
)
def test_words_are_found_on_their_lines(words: str, place: str) -> None:
    assert passage().place_of(words) == place


def test_a_passage_cut_from_one_long_line_is_on_that_line() -> None:
    assert passage(first_line=9, last_line=9).place_of("Bread needs") == "line 9"


def test_a_page_or_a_moment_says_more_than_a_line() -> None:
    assert passage(page=86).place_of("green") == "page 86"
    assert passage(first_second=3605.4).place_of("green") == "60:05"


def test_it_is_said_in_the_readers_language() -> None:
    with override("uk"):
        assert passage(page=86).place_of("green") != "page 86"
