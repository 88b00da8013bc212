"""PDFs made on the spot: honest ones by reportlab, others byte by byte."""

import zlib
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def pdf_of(*pages: Sequence[str], password: str = "") -> bytes:
    """Return a PDF with these lines on its pages, which opens with ``password``."""
    kept = BytesIO()
    options: dict[str, Any] = {"encrypt": StandardEncryption(password)} if password else {}
    canvas = Canvas(kept, invariant=1, **options)
    for lines in pages:
        text = canvas.beginText(72, 720)
        for line in lines:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return kept.getvalue()


def scanned() -> bytes:
    """Return a PDF whose only page is a drawing, as a scanner makes them."""
    kept = BytesIO()
    canvas = Canvas(kept, invariant=1)
    canvas.rect(72, 72, 400, 600, fill=1)
    canvas.showPage()
    canvas.save()
    return kept.getvalue()


def garbled() -> bytes:
    """Return a PDF that shows letters, and whose text layer says marks of no script."""
    says = b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <20> <7E> <E020>"
    table = (
        b"/CIDInit /ProcSet findresource begin begincmap /CMapType 2 def "
        + says
        + b" endbfrange endcmap end"
    )
    font = _FONT[:-2] + b"/ToUnicode 6 0 R >>"
    return one_page(b"BT /F1 12 Tf 72 720 Td (Leaves are green) Tj ET", font=font, more=[table])


@cache
def bomb(copies: int = 600) -> bytes:
    """Return a small PDF whose page unpacks to ``copies`` megabytes."""
    packer = zlib.compressobj(1)
    line = b"BT /F1 12 Tf 72 720 Td (leaves are green) Tj ET\n" * 20_000
    content = b"".join(packer.compress(line) for _copy in range(copies)) + packer.flush()
    return one_page(content, packed=True)


def with_pages(count: int) -> bytes:
    """Return a PDF that has one page so many times."""
    kids = b" ".join([b"3 0 R"] * count)
    tree = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count)
    return one_page(b"BT /F1 12 Tf 72 720 Td (Leaves) Tj ET", tree=tree)


def one_page(
    content: bytes,
    *,
    packed: bool = False,
    tree: bytes = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    font: bytes = _FONT,
    more: Sequence[bytes] = (),
) -> bytes:
    """Return a PDF with this content on its page; ``more`` are streams from object 6 on."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>"
    )
    packing = b"/Filter /FlateDecode" if packed else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        tree,
        page,
        _stream(content, packing),
        font,
        *(_stream(each, b"") for each in more),
    ]
    return _file(objects)


def _stream(content: bytes, packing: bytes) -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), packing, content)


def _file(objects: Sequence[bytes]) -> bytes:
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    written += end % (len(objects) + 1, table)
    return bytes(written)
