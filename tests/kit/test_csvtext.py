import csv
import io

import pytest

from atrium.kit.csvtext import harmless, table

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\x00=1", "|x"),
        *("＝1+1", "＋1", "－1+1", "＠x", "%x", "\u200b=1", "\ufeff=1", "\x0b=1", "\xa0=1", "\tx"),
        *("=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "+1 234", "-", "--1", "=", "-1e5+1"),
    ],
)
def test_what_a_spreadsheet_would_reckon_with_is_marked_as_text(text: str) -> None:
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "-5", "+3.25", "-0,5", "5-3", "Оля", 7, -7])
def test_what_is_harmless_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) == str(cell)


def test_nothing_is_an_empty_cell() -> None:
    assert harmless(None) == ""


def test_a_table_reads_back_as_it_was() -> None:
    rows = [["a", 'say "yes"'], ["two\nlines", "x,y;z"]]
    said = table(rows)
    assert said.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(said.removeprefix("\ufeff"), newline=""))) == rows
