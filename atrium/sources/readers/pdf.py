"""PDFs, page by page, as their own text layer says them. Runs in a child: no Django here."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pypdfium2 import PdfDocument, PdfiumError

from atrium.kit.child_main import Unreadable, progress
from atrium.kit.limits import LIMITS
from atrium.sources.readers.text import MOST_PASSAGES, passages_of

_LOCKED = {4, 5}  # pdfium's codes: a password is needed, or a scheme of locking it does not know
# A word broken at the end of a line: pdfium joins its halves with one of these.
_BROKEN_WORD = re.compile("(?<=\\w)[\ufffe\u0002]\\s*")
_LIGATURES = re.compile("[\ufb00-\ufb06]")
# Control marks, halves of characters, and places where each font draws what it likes.
_NO_LETTER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufffd-\uffff\U000f0000-\U0010ffff]"
)


def read(argument: dict[str, Any]) -> dict[str, Any]:
    """Return ``{"characters", "passages": [{"text", "page"}]}`` of a PDF."""
    document = _opened(argument["path"])
    pages = len(document)
    if pages > LIMITS.document_pages:
        raise Unreadable("too_many_pages")
    seen, passages, characters = Counter[str](), list[dict[str, Any]](), 0
    for number in range(1, pages + 1):
        text = _text_of(document, number, most=LIMITS.document_characters - characters, seen=seen)
        characters += len(text)
        passages.extend(_passages(text, number))
        if len(passages) > MOST_PASSAGES:
            raise Unreadable("too_long")
        progress(number, pages)
    if seen["unreadable"] > seen["readable"]:
        raise Unreadable("garbled")
    if not passages:
        raise Unreadable("damaged" if seen["damaged"] else "only_pictures")
    return {"characters": characters, "passages": passages}


def _opened(path: str) -> PdfDocument:
    try:
        return PdfDocument(path)
    except PdfiumError as trouble:
        is_locked = getattr(trouble, "err_code", None) in _LOCKED
        raise Unreadable("locked" if is_locked else "damaged") from trouble


def _text_of(document: PdfDocument, number: int, *, most: int, seen: Counter[str]) -> str:
    """Return what stands within the bounds of a page; nothing for a page that is damaged."""
    try:
        page = document[number - 1]
        layer = page.get_textpage()
    except PdfiumError:
        seen["damaged"] += 1
        return ""
    try:
        if layer.count_chars() > most:
            raise Unreadable("too_long")
        return _cleaned(layer.get_text_bounded(), seen)
    finally:
        layer.close()
        page.close()


def _cleaned(text: str, seen: Counter[str]) -> str:
    """Return the text as people write it, and count what of it are no letters of any script."""
    text = _BROKEN_WORD.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    readable = unicodedata.normalize("NFC", _NO_LETTER.sub("", text))
    seen["unreadable"] += len(text) - len(readable)
    seen["readable"] += len("".join(readable.split()))
    return readable


def _passages(text: str, page: int) -> Iterator[dict[str, Any]]:
    for passage in passages_of(text.split("\n")):
        yield {"text": passage["text"], "page": page}
