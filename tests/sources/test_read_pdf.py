from collections.abc import Callable

import pytest
from django.utils.translation import override

from atrium.files.verdict import NotWhatItSays
from atrium.jobs.inline import run_due
from atrium.kit import clock
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.sources import reading
from atrium.sources.actions import CannotRead, add_document
from atrium.sources.models import Document
from atrium.sources.queries import passages_about
from tests import make
from tests.sources import pdfs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice() -> User:
    return make.person(username="alice")


def added(alice: User, pdf: bytes, name: str = "leaves.pdf") -> Document:
    file = make.kept_file(by=alice, name=name, content=pdf)
    document = add_document(by=make.caller(alice), file=file, at=clock.now())
    run_due()
    document.refresh_from_db()
    return document


def test_a_pdf_is_read_and_its_passages_are_found_with_their_page(alice: User) -> None:
    document = added(alice, pdfs.pdf_of(["Bark is brown."], ["Leaves are green."]))

    (found,) = passages_about("green?", caller=make.caller(alice), documents=[document.pk])
    assert document.state == Document.State.READY
    assert (found.page, found.place_of("Leaves")) == (2, "page 2")


def test_it_is_known_by_its_content(alice: User) -> None:
    """A name does not make a PDF of a text, nor a text of a PDF."""
    with pytest.raises(NotWhatItSays):
        make.kept_file(by=alice, name="notes.txt", content=pdfs.pdf_of(["Leaves"]))
    with pytest.raises(NotWhatItSays):
        make.kept_file(by=alice, name="notes.pdf", content=b"Leaves are green.")

    document = added(alice, pdfs.pdf_of(["Leaves are green."]), name="leaves")
    assert document.state == Document.State.READY


@pytest.mark.parametrize(
    ("pdf", "said"),
    [
        (lambda: pdfs.pdf_of(["Secret"], password="geheim"), "locked with a password"),
        (pdfs.scanned, "its pages are pictures"),
        (pdfs.bomb, "so it was stopped"),
    ],
    ids=["locked", "scanned", "bomb"],
)
def test_what_cannot_be_read_says_so_at_once(
    alice: User, pdf: Callable[[], bytes], said: str
) -> None:
    """Also a file that brings its parser to fall: reading it again would end no better."""
    document = added(alice, pdf())

    assert document.state == Document.State.FAILED
    assert said in document.failure


def test_it_says_so_in_the_language_of_who_asked(alice: User) -> None:
    with override("uk"):
        file = make.kept_file(by=alice, name="leaves.pdf", content=pdfs.scanned())
        document = add_document(by=make.caller(alice), file=file, at=clock.now())
        wanted = reading.said_of("only_pictures")
    run_due()

    document.refresh_from_db()
    assert document.failure == wanted


def test_a_kind_without_a_reader_says_which_have_one(
    alice: User, caller_of: Callable[..., Caller]
) -> None:
    file = make.kept_file(by=alice, name="page.html", content=b"<!doctype html><p>Hi</p>")

    with pytest.raises(CannotRead) as refused:
        add_document(by=caller_of(alice), file=file, at=clock.now())

    assert refused.value.way_on.startswith("Files can be read that end in .pdf, .txt, .md, .csv")
