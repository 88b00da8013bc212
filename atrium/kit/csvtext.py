"""Tables for a spreadsheet, in which nothing that somebody wrote becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
# Spreadsheets also take the full-width signs, and look past white space and control characters.
_FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@|%＝＋－＠]|[\t\r\n]")


MARK = "\ufeff"
"""Says that what follows is UTF-8: without it Excel takes it for the country's old eight bits."""


def table(rows: Iterable[Iterable[object]]) -> str:
    """Return ``rows`` as CSV (RFC 4180), quoted throughout, with the mark that says it is UTF-8."""
    return MARK + lines(rows)


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Return some of a table's rows, without the mark: what is sent piece by piece has one."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return out.getvalue()


def harmless(cell: object) -> str:
    """Return ``cell`` as text that a spreadsheet shows and does not reckon with (RULES 24)."""
    text = "" if cell is None else str(cell).replace("\x00", "")
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
