from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atrium.kit.child_main import Unreadable
from atrium.sources.readers.text import LONGEST_PASSAGE, passages_of, read

pytestmark = pytest.mark.once


def test_paragraphs_become_passages_that_know_their_lines() -> None:
    first, second = "a" * 250, "b" * 250

    passages = list(passages_of([first, "", "", second, "and more"]))

    assert passages == [
        {"text": first, "first_line": 1, "last_line": 1},
        {"text": f"{second}\nand more", "first_line": 4, "last_line": 5},
    ]


def test_a_line_longer_than_a_passage_is_cut_between_words() -> None:
    passages = list(passages_of(["word " * 500]))

    assert all(len(passage["text"]) <= LONGEST_PASSAGE for passage in passages)
    assert " ".join(passage["text"] for passage in passages).split() == ["word"] * 500


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=2000)))
def test_no_word_is_lost_and_lines_never_go_back(lines: list[str]) -> None:
    passages = list(passages_of(lines))

    kept = "".join("".join(passage["text"].split()) for passage in passages)
    assert kept == "".join("".join(line.split()) for line in lines)
    starts = [passage["first_line"] for passage in passages]
    assert starts == sorted(starts)
    assert all(1 <= p["first_line"] <= p["last_line"] <= len(lines) for p in passages)


def test_utf16_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes("зелене листя".encode("utf-16"))
    assert read({"path": str(file)})["passages"][0]["text"] == "зелене листя"

    file.write_bytes(b"\xef\xbb\xbfgreen")
    assert read({"path": str(file)})["passages"][0]["text"] == "green"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"", "empty"), (b" \n", "empty"), (b"\xff\x00\x80", "not_text")],
    ids=["nothing", "blank", "binary"],
)
def test_what_has_no_text_says_which(tmp_path: Path, raw: bytes, reason: str) -> None:
    file = tmp_path / "a"
    file.write_bytes(raw)

    with pytest.raises(Unreadable) as refused:
        read({"path": str(file)})

    assert refused.value.reason == reason
