"""A text as a pattern of squares that a telephone reads, drawn as one path."""

from dataclasses import dataclass
from itertools import groupby

_QUIET = 4  # empty squares around, which readers need


@dataclass(frozen=True, slots=True)
class Drawn:
    """``path`` is for an SVG whose box is ``size`` squares wide and high."""

    size: int
    path: str


def drawn(text: str) -> Drawn:
    """Return the pattern of ``text``."""
    # Not before somebody needs one: what it brings along takes nine megabytes.
    from qrcode.constants import ERROR_CORRECT_M  # type: ignore[import-untyped] # noqa: PLC0415
    from qrcode.main import QRCode  # type: ignore[import-untyped] # noqa: PLC0415

    code = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(_row(row, y) for y, row in enumerate(rows))
    return Drawn(len(rows), path)


def _row(row: list[bool], y: int) -> str:
    path, x = [], 0
    for is_dark, squares in groupby(row):
        width = len(list(squares))
        if is_dark:
            path.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(path)
