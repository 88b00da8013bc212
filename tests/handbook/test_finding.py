import pytest

from atrium.handbook.finding import MOST, passages_about

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("asked", "language", "place"),
    [
        ("How do I connect a model?", "en", "models#connect"),
        ("What is Atrium?", "en", "atrium#home"),
        ("Can it read PDF files?", "en", "files#"),
        ("What is a token?", "en", "receipts#tokens"),
        ("How do I make an API key?", "en", "api#keys"),
        ("How do I delete a chat?", "en", "asking#order"),
        ("What does the receipt mean?", "en", "receipts#receipts"),
        ("Що таке токен?", "uk", "receipts#tokens"),
        ("Як під’єднати модель?", "uk", "models#connect"),
        ("Які файли можна читати?", "uk", "files#kinds"),
    ],
)
def test_a_question_about_the_house_finds_its_place(asked: str, language: str, place: str) -> None:
    found = passages_about(asked, language=language)

    assert found[0].ref.startswith(f"{language}/{place}")
    assert len(found) <= MOST


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "What is the capital of France?",
        "How long should I cook rice?",
        "Write me a poem about love",
        "And what else?",
        "Count.",
        "who won the world cup in 1998",
        "яка столиця Франції",
        "\x00' OR 1=1 --",
    ],
)
@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_question_about_something_else_finds_nothing(asked: str, language: str) -> None:
    assert passages_about(asked, language=language) == []
