from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from atrium.kit import child
from tests.sources import pdfs

pytestmark = pytest.mark.once


def read(tmp_path: Path, pdf: bytes, **bounds: Any) -> dict[str, Any]:
    """Read it as the worker does: in a child."""
    path = tmp_path / "file"
    path.write_bytes(pdf)
    found: dict[str, Any] = child.run(
        "atrium.sources.readers.pdf:read", {"path": str(path)}, **bounds
    )
    return found


def refusal(tmp_path: Path, pdf: bytes) -> str:
    with pytest.raises(child.ChildRefused) as refused:
        read(tmp_path, pdf)
    return refused.value.reason


def test_each_passage_knows_its_page_and_each_page_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    pdf = pdfs.pdf_of(["Bark is brown."], [], ["Leaves are green,", "because of chlorophyll."])

    found = read(tmp_path, pdf, on_progress=lambda done, total, _note: told.append((done, total)))

    assert found["passages"] == [
        {"text": "Bark is brown.", "page": 1},
        {"text": "Leaves are green,\nbecause of chlorophyll.", "page": 3},
    ]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_word_broken_at_the_end_of_a_line_is_one_word(tmp_path: Path) -> None:
    found = read(tmp_path, pdfs.pdf_of(["It comes from chloro-", "phyll in the leaf."]))

    assert found["passages"][0]["text"] == "It comes from chlorophyll in the leaf."


def test_what_stands_beside_the_page_is_not_read(tmp_path: Path) -> None:
    content = b"BT /F1 12 Tf 72 720 Td (Seen) Tj ET BT /F1 12 Tf 72 -900 Td (Hidden) Tj ET"

    found = read(tmp_path, pdfs.one_page(content))

    assert [passage["text"] for passage in found["passages"]] == ["Seen"]


@pytest.mark.parametrize(
    ("pdf", "reason"),
    [
        pytest.param(pdfs.pdf_of(["Secret"], password="geheim"), "locked", id="locked"),
        pytest.param(pdfs.scanned(), "only_pictures", id="scanned"),
        pytest.param(pdfs.garbled(), "garbled", id="garbled"),
        pytest.param(pdfs.with_pages(100_000), "too_many_pages", id="100,000 pages"),
        pytest.param(b"%PDF-1.7\nnothing that follows", "damaged", id="damaged"),
        pytest.param(pdfs.pdf_of(["Leaves"])[:300], "damaged", id="cut off"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, pdf: bytes, reason: str) -> None:
    assert refusal(tmp_path, pdf) == reason


def test_a_bomb_ends_its_own_process_only(tmp_path: Path) -> None:
    with pytest.raises((child.ChildDied, child.ChildLimit)):
        read(tmp_path, pdfs.bomb())


def test_a_page_tree_that_bites_its_tail_ends(tmp_path: Path) -> None:
    tree = b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 /Parent 2 0 R >>"

    with suppress(child.ChildRefused):
        found = read(tmp_path, pdfs.one_page(b"BT /F1 12 Tf (Leaves) Tj ET", tree=tree))
        assert {passage["page"] for passage in found["passages"]} <= {1, 2}
