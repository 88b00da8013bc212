"""Tables for a spreadsheet, in which nothing that somebody wrote becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
# Spreadsheets also take the full-width signs, and look past white space and control characters.
_FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\ufeff]*[=+\-@|%＝＋－＠]|[\t\r\n]")


def table(rows: Iterable[Iterable[object]]) -> str:
    """Return ``rows`` as CSV (RFC 4180), quoted throughout, with the mark that says it is UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return f"\ufeff{out.getvalue()}"


def harmless(cell: object) -> str:
    """Return ``cell`` as text that a spreadsheet shows and does not reckon with (RULES 24)."""
    text = "" if cell is None else str(cell).replace("\x00", "")
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
