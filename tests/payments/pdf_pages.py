"""Reads PDFs back: what they say, and how they look."""

from pathlib import Path

import pypdfium2


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def picture(pdf: bytes, path: Path) -> None:
    """Keep a picture of the first page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        document[0].render(scale=1.6).to_pil().save(path)
    finally:
        document.close()
