import asyncio

import pytest

from atrium.engines.built_in.reader import Reader, best_quotes
from atrium.engines.protocol import Answer, Question, Quote, Source, Text, Usage

pytestmark = pytest.mark.once

LEAVES = Source(
    1,
    "leaves.txt",
    "Leaves have many shapes. Chlorophyll absorbs blue and red light, so leaves look green."
    " In autumn it is broken down.",
    lambda _words: "line 3",
)
BREAD = Source(
    2, "bread.txt", "Bread needs flour, water, salt and time. Knead it well.", lambda _words: ""
)
UKRAINIAN = Source(
    3, "листя.txt", "Листя має різні форми. Хлорофіл поглинає червоне світло.", lambda _words: ""
)


def answer(question: Question) -> Answer:
    async def gather() -> Answer:
        pieces = [piece async for piece in Reader().answer(question)]
        return Answer(
            text="".join(piece.text for piece in pieces if isinstance(piece, Text)),
            quotes=tuple(piece for piece in pieces if isinstance(piece, Quote)),
            usage=next(piece for piece in pieces if isinstance(piece, Usage)),
        )

    return asyncio.run(gather())


def test_it_quotes_the_sentence_that_answers_with_its_place() -> None:
    said = answer(Question("Why are leaves green?", sources=(BREAD, LEAVES)))

    assert said.quotes[0].ref == 1
    assert "so leaves look green" in said.quotes[0].words
    assert "leaves.txt, line 3" in said.text


def test_every_quote_stands_word_for_word_in_its_source() -> None:
    said = answer(Question("leaves light flour autumn", sources=(BREAD, LEAVES)))

    by_ref: dict[int | str, str] = {1: LEAVES.text, 2: BREAD.text}
    assert said.quotes
    assert all(quote.words in by_ref[quote.ref] for quote in said.quotes)


def test_other_forms_of_a_word_meet_it_in_ukrainian() -> None:
    found = best_quotes("Що поглинають хлорофіли?", [UKRAINIAN, BREAD])

    assert found[0].words == "Хлорофіл поглинає червоне світло."


def test_it_says_so_when_nothing_fits() -> None:
    said = answer(Question("Who won the election?", sources=(BREAD,)))

    assert not said.quotes
    assert said.text.startswith("Nothing in your sources answers this.")


def test_without_sources_it_says_what_it_is() -> None:
    said = answer(Question("Hello"))

    assert "no language model" in said.text


def test_it_speaks_the_language_it_is_asked_in() -> None:
    assert answer(Question("Hi", language="uk")).text != answer(Question("Hi")).text


def test_a_question_as_long_as_a_book_is_compared_by_its_first_words() -> None:
    distinct = " ".join(f"{number}word" for number in range(1_000, 6_000))

    assert best_quotes(f"chlorophyll {distinct}", [LEAVES])
    assert best_quotes(f"{distinct} chlorophyll", [LEAVES]) == []
