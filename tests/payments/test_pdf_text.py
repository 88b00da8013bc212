"""Names of many scripts stand on paper as people write them, and what no font has is readable."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from atrium.payments.models import PaymentReceipt
from atrium.payments.receipts.pdf import pdf_of
from atrium.payments.receipts.text import (
    PLAIN,
    lines_of,
    load_fonts,
    reads_from_the_right,
    runs_of,
    width_of,
)
from tests import make
from tests.payments.conftest import Counter, Jar
from tests.payments.paying import paid
from tests.payments.pdf_pages import text_of


@pytest.fixture
def fonts() -> None:
    load_fonts()


def pieces(text: str) -> list[str]:
    return [str(run.text) for run in runs_of(text, PLAIN, 10)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["Ївга Ґонта", "Nguyễn Thị", "Ελένη", "გიორგი", "สมชาย", "शर्मा", "محمد", "王小明", "김철수"],
)
def test_a_name_is_found_in_the_pdf_again(counter: Counter, jar: Jar, name: str) -> None:
    person = make.person(username="somebody", display_name=name)
    said = text_of(pdf_of(paid(person).receipts.get()))
    assert "somebody" in said
    if name != "शर्मा":  # its letters are drawn as one shape, which no reader takes apart
        assert name in said or name[::-1] in said


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["😀 a", "\u202eevil", "a\u0000b", "𝔊𝔬", "x" * 80, "\ue000"])
def test_a_name_that_no_font_has_breaks_nothing(counter: Counter, jar: Jar, name: str) -> None:
    person = make.person(username="somebody", display_name=name.replace("\u0000", ""))
    assert "somebody" in text_of(pdf_of(paid(person).receipts.get()))


@pytest.mark.django_db
def test_receipts_made_in_any_order_and_at_once_are_the_same_bytes(
    counter: Counter, jar: Jar
) -> None:
    names = ["Ївга", "शर्मा", "محمد", "plain"]
    receipts = [
        paid(make.person(username=f"p{number}", display_name=name)).receipts.get()
        for number, name in enumerate(names)
    ]
    first = [pdf_of(receipt) for receipt in receipts]
    assert [pdf_of(receipt) for receipt in reversed(receipts)] == first[::-1]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pdf_of, PaymentReceipt.objects.order_by("number"))) == first


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "from_the_right"),
    [("abc", False), ("محمد", True), ("12 محمد", True), ("Smith محمد", False), ("123", False)],
)
def test_a_line_reads_from_where_its_first_letter_does(text: str, from_the_right: Any) -> None:
    assert reads_from_the_right(text) == from_the_right


@pytest.mark.once
def test_stretches_of_two_directions_stand_in_their_order(fonts: Any) -> None:
    assert pieces("Smith محمد, 12")[0] == "Smith "
    assert pieces("Smith محمد, 12")[-1] == ", 12"
    assert pieces("محمد (mbs)")[:2] == ["(", "mbs"]
    assert pieces("plain") == ["plain"]


@pytest.mark.once
def test_what_no_font_has_is_a_question_mark_and_marks_of_direction_are_left_out(
    fonts: Any,
) -> None:
    assert pieces("a😀b") == ["a?b"]
    assert pieces("a\u202eb") == ["ab"]
    assert pieces("𝔊𝔬") == ["Go"]


@pytest.mark.once
def test_lines_are_broken_where_they_are_too_long(fonts: Any) -> None:
    lines = lines_of("many words " * 10 + "x" * 200, PLAIN, 10, width=120)
    assert all(width_of(line, PLAIN, 10) <= 120 for line in lines)
    assert "".join(lines).replace(" ", "") == "manywords" * 10 + "x" * 200
    assert lines_of("", PLAIN, 10, width=120) == [""]
