"""A receipt as a PDF: one page of paper, made of what was kept, and the same bytes each time."""

import io
import threading

from django.conf import settings
from django.utils import translation
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from atrium.payments.models import PaymentReceipt
from atrium.payments.receipts.sheet import Row, Sheet, sheet_of
from atrium.payments.receipts.text import BOLD, PLAIN, lines_of, load_fonts, runs_of, width_of

_WIDTH, _HEIGHT = A4
_EDGE = 60.0
_RIGHT = _WIDTH - _EDGE
_HALF = _WIDTH / 2
_INK, _QUIET, _LINE = (0.12, 0.13, 0.14), (0.36, 0.38, 0.39), (0.84, 0.82, 0.78)
_one_at_a_time = threading.Lock()  # the fonts are the process's


def pdf_of(receipt: PaymentReceipt) -> bytes:
    """Return the receipt's PDF in the language that it was issued in."""
    with translation.override(receipt.language or settings.LANGUAGE_CODE), _one_at_a_time:
        load_fonts()
        return _Paper().write(sheet_of(receipt))


class _Paper:
    """One sheet, written from above; ``y`` is where the next line stands."""

    def __init__(self) -> None:
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=A4, invariant=1, initialFontName=PLAIN)
        self.y = _HEIGHT - _EDGE

    def write(self, sheet: Sheet) -> bytes:
        self.canvas.setTitle(f"{sheet.heading} {sheet.label}")
        self.canvas.setAuthor(sheet.seller[0])
        self.canvas.setSubject(sheet.house)
        self._head(sheet)
        self._facts(sheet)
        self._items(sheet.items)
        self._totals(sheet.totals)
        self._notes(sheet)
        self.canvas.save()
        return self.out.getvalue()

    def _head(self, sheet: Sheet) -> None:
        top = self.y
        self._right(sheet.heading, _RIGHT, size=22, font=BOLD)
        self.y -= 18
        self._right(sheet.label, _RIGHT, size=11, ink=_QUIET)
        self.y = top
        name, *more = sheet.seller
        self._wrapped(name, size=13, font=BOLD, width=_HALF - _EDGE)
        for line in more:
            self._wrapped(line, size=9.5, ink=_QUIET, width=_HALF - _EDGE)
        self.y = min(self.y, top - 40) - 22

    def _facts(self, sheet: Sheet) -> None:
        top = self.y
        self._at(_EDGE, translation.gettext("For"), size=9, ink=_QUIET)
        self.y -= 15
        self._wrapped(sheet.payer, size=11, font=BOLD, width=_HALF - _EDGE - 20)
        low, self.y = self.y, top
        for label, said in sheet.facts:
            self._at(_HALF, label, size=9, ink=_QUIET)
            self._right(said, _RIGHT, size=8 if len(said) > 30 else 9.5)
            self.y -= 15
        self.y = min(low, self.y) - 24

    def _items(self, items: list[Row]) -> None:
        for text, amount in items:
            self._rule()
            self.y -= 20
            self._right(amount, _RIGHT, size=11)
            self._wrapped(text, size=11, width=_RIGHT - _EDGE - 120)
            self.y += 4
        self._rule()

    def _totals(self, totals: list[Row]) -> None:
        for number, (label, amount) in enumerate(totals):
            is_last = number == len(totals) - 1
            font, size = (BOLD, 13.0) if is_last else (PLAIN, 10.0)
            self.y -= 24 if is_last else 18
            self._at(_HALF, label, size=size, font=font)
            self._right(amount, _RIGHT, size=size, font=font)

    def _notes(self, sheet: Sheet) -> None:
        self.y -= 40
        for note in sheet.notes:
            self._wrapped(note, size=10, ink=_QUIET, width=_RIGHT - _EDGE)
        self.y = _EDGE - 16
        self._at(_EDGE, sheet.house, size=8.5, ink=_QUIET)

    def _wrapped(
        self,
        text: str,
        *,
        size: float,
        width: float,
        font: str = PLAIN,
        ink: tuple[float, float, float] = _INK,
    ) -> None:
        for line in lines_of(text, font, size, width=width):
            self._at(_EDGE, line, size=size, font=font, ink=ink)
            self.y -= size * 1.4

    def _right(
        self,
        text: str,
        x: float,
        *,
        size: float,
        font: str = PLAIN,
        ink: tuple[float, float, float] = _INK,
    ) -> None:
        self._at(x - width_of(text, font, size), text, size=size, font=font, ink=ink)

    def _at(
        self,
        x: float,
        text: str,
        *,
        size: float,
        font: str = PLAIN,
        ink: tuple[float, float, float] = _INK,
    ) -> None:
        self.canvas.setFillColorRGB(*ink)
        for run in runs_of(text, font, size):
            self.canvas.setFont(run.font, size)
            self.canvas.drawString(x, self.y, run.text)
            x += run.width

    def _rule(self) -> None:
        self.canvas.setStrokeColorRGB(*_LINE)
        self.canvas.setLineWidth(0.7)
        self.canvas.line(_EDGE, self.y, _RIGHT, self.y)
