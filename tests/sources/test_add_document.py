from collections.abc import Callable
from dataclasses import replace

import pytest

from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.sources import reading
from atrium.sources.actions import TooLargeToRead, add_document
from atrium.sources.models import Document
from tests import make

pytestmark = pytest.mark.django_db


def test_a_text_larger_than_what_is_read_is_refused_with_both_numbers(
    alice: User, caller_of: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LIMITS", replace(LIMITS, text_bytes=1_000))
    file = make.kept_file(by=alice, content=b"word " * 300)

    with pytest.raises(TooLargeToRead) as refused:
        add_document(by=caller_of(alice), file=file, at=clock.now())

    assert refused.value.detail == "“notes.txt” has 1.5 kB; files of this kind are read up to 1 kB."
    assert (refused.value.limit, refused.value.used) == (1_000, 1_500)
    assert not Document.objects.exists()


def test_what_may_be_attached_is_what_can_be_read() -> None:
    endings = reading.readable_endings()

    assert endings[:4] == [".pdf", ".txt", ".md", ".csv"]
    assert ".py" in endings
    assert ".docx" not in endings


def test_what_may_be_attached_is_said_with_how_large_it_may_be() -> None:
    pdf, text = reading.readable_kinds()

    assert pdf == ("PDF", LIMITS.pdf_bytes)
    assert text[0].startswith("text")
    assert text[1] == LIMITS.text_bytes
