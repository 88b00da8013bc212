from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.kit.limits import LIMITS
from atrium.kit.text import BadName, clean_name, count_characters, normal

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\x.pdf", "x.pdf"),
        ("a\0b\x07.txt", "ab.txt"),
        ("two\nlines\r\n.txt", "twolines.txt"),
        ("  spaced   out .txt ", "spaced out .txt"),
        (".htaccess", ".htaccess"),
        ("e\u0301.txt", "é.txt"),
        ("конспект.txt", "конспект.txt"),
        ("دفتر.txt", "دفتر.txt"),
        ("\ud800x.txt", "x.txt"),
        ('a"b.txt', 'a"b.txt'),
    ],
)
def test_a_name_is_shown_without_path_and_controls(given_name: Any, shown: Any) -> None:
    assert clean_name(given_name) == shown


@pytest.mark.parametrize("mark", ["\u202e", "\u200f", "\u2066", "\u061c", "\u200e"])
def test_a_name_with_hidden_marks_of_direction_is_refused(mark: Any) -> None:
    with pytest.raises(BadName) as caught:
        clean_name(f"invoice{mark}fdp.exe")
    assert caught.value.as_problem()["code"] == "bad_name"


@pytest.mark.parametrize("nothing", ["", ".", "..", "../", "a/", "\0", " . "])
def test_a_name_of_nothing_is_refused(nothing: Any) -> None:
    with pytest.raises(BadName):
        clean_name(nothing)


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("x" * 300 + ".docx")
    assert len(name) == LIMITS.name_characters
    assert name.endswith("x.docx")


@given(st.text(st.characters()))
def test_a_name_is_one_short_line_or_refused(name: Any) -> None:
    try:
        shown = clean_name(name)
    except BadName:
        return
    assert 0 < len(shown) <= LIMITS.name_characters
    assert shown.isprintable() or "\n" not in shown
    assert not set(shown) & set("/\\\0\n\r\u2028")
    assert clean_name(shown) == shown


def test_text_has_one_form_and_one_newline() -> None:
    assert normal("a\r\nb\rc\u2028d\u0085e\0") == "a\nb\nc\nd\ne"
    assert normal("e\u0301") == "é"
    assert normal("\ud800") == "?"


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("é", 1), ("e\u0301", 1), ("👩\u200d🚀", 3), ("a\r\nb", 3), ("١٢", 2)],
)
def test_characters_are_code_points_of_the_normal_form(text: Any, count: Any) -> None:
    assert count_characters(text) == count
