import pytest

from atrium.people.models import User
from atrium.sources.models import Document, Passage
from atrium.sources.queries import passages_about
from tests import make


@pytest.fixture
def leaves(alice: User) -> Document:
    return make.document(
        by=alice,
        passages=[
            "Leaves look green because chlorophyll absorbs red light.",
            "Bread needs flour and water.",
            "Листя зелене, бо хлорофіл поглинає світло.",
        ],
    )


def texts(found: list[Passage]) -> list[str]:
    return [passage.text for passage in found]


def ask(question: str, *, by: User, document: Document) -> list[str]:
    caller = make.caller(by)
    return texts(passages_about(question, caller=caller, documents=[document.pk]))


def test_the_passage_that_shares_the_words_comes_first(alice: User, leaves: Document) -> None:
    assert ask("what is absorbed by chlorophyll?", by=alice, document=leaves)[0].startswith(
        "Leaves"
    )


def test_other_endings_meet_in_ukrainian(alice: User, leaves: Document) -> None:
    assert ask("чому зеленого листям", by=alice, document=leaves)[0].startswith("Листя")


def test_a_stranger_finds_nothing(charlie: User, leaves: Document) -> None:
    assert ask("chlorophyll", by=charlie, document=leaves) == []


def test_only_the_named_documents_are_searched(alice: User, leaves: Document) -> None:
    other = make.document(by=alice, passages=["Chlorophyll again."])

    assert ask("chlorophyll", by=alice, document=other) == ["Chlorophyll again."]


@pytest.mark.parametrize(
    "hostile", ["", "' OR 1=1 --", '"*" NEAR(', "a & | ! :* <->", "\x00", "的" * 500]
)
def test_hostile_questions_find_nothing_and_break_nothing(
    alice: User, leaves: Document, hostile: str
) -> None:
    assert ask(hostile, by=alice, document=leaves) == []


def test_a_passage_that_went_is_not_found(alice: User, leaves: Document) -> None:
    leaves.passages.filter(number=1).delete()

    assert ask("chlorophyll", by=alice, document=leaves) == []
