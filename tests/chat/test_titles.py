import asyncio

import pytest

from atrium.chat import titles
from atrium.chat.actions import begin_turn, finish_title, finish_turn, rename_chat
from atrium.chat.models import Chat, Turn
from atrium.engines.protocol import EngineBusy, Piece, Text, Usage
from atrium.events.models import StreamEvent
from atrium.kit import clock
from atrium.ledger.queries import first_difference
from atrium.metering.models import Receipt
from atrium.options.actions import set_option
from tests import make
from tests.chat import scripted
from tests.chat.scripted import Scripted

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Why are leaves green, and why do they turn yellow and red in the autumn of every year?"
TITLED: list[Piece] = [Text('"Why leaves '), Text('turn red."\nSecond line'), Usage(50, 6)]


def answered(text: str = LONG) -> Turn:
    alice = make.person(username="alice")
    now = clock.now()
    chat = Chat.objects.create(person=alice, made_at=now, touched_at=now)
    by = make.caller(alice)
    answer = begin_turn(by=by, chat=chat, text=text, model=scripted.model(), at=now).answer
    finish_turn(answer=answer, text="So.", at=now)
    return Turn.objects.select_related("chat", "person", "guest", "parent", "model__provider").get(
        pk=answer.pk
    )


def suggest(answer: Turn, engine: Scripted) -> str:
    with scripted.speaking(engine):
        asyncio.run(titles.suggest(answer))
    return Chat.objects.get().title


def test_a_long_question_is_named_by_the_model_in_a_call_of_its_own(db: None) -> None:
    answer = answered()
    engine = Scripted(TITLED)

    assert suggest(answer, engine) == "Why leaves turn red"
    assert engine.asked[0].text.startswith(LONG)
    receipt = Receipt.objects.get(about_kind="chat")
    assert (receipt.state, receipt.tokens_in, receipt.tokens_out) == ("settled", 50, 6)
    assert StreamEvent.objects.filter(kind="chat.titled").count() == 1
    assert first_difference() is None


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("**Why leaves turn `red`**", "Why leaves turn red"),
        ("# Leaves: *green* and ~~blue~~", "Leaves: green and blue"),
        ("2 * 3 is 6, and __init__", "2 * 3 is 6, and __init__"),
        ("***", ""),
    ],
)
def test_a_title_shows_no_marks_of_markdown(db: None, said: str, title: str) -> None:
    named = suggest(answered(), Scripted([Text(said), Usage(50, 6)]))

    assert named == title or (not title and named.startswith("Why are leaves green"))


def test_a_short_question_is_the_title_and_nobody_is_asked(db: None) -> None:
    engine = Scripted(TITLED)

    assert suggest(answered("Why?"), engine) == "Why?"
    assert engine.asked == []


@pytest.mark.parametrize(("wanted", "title"), [("all", "Why leaves turn red"), ("never", "Why?")])
def test_the_operator_says_which(db: None, wanted: str, title: str) -> None:
    answer = answered("Why?")
    set_option(key=titles.OPTION, text=wanted, by="system", at=clock.now())

    assert suggest(answer, Scripted(TITLED)) == title


def test_who_renames_has_the_last_word_before_and_meanwhile(db: None) -> None:
    answer = answered()
    rename_chat(chat=answer.chat, title="Mine", at=clock.now())
    engine = Scripted(TITLED)
    assert suggest(answer, engine) == "Mine"
    assert engine.asked == []

    Chat.objects.update(renamed_at=None)
    begun = titles._begin(answer)
    assert begun is not None
    rename_chat(chat=answer.chat, title="Mine", at=clock.now())
    finish_title(
        answer=answer,
        receipt=begun.receipt,
        title="Theirs",
        tokens_in=5,
        tokens_out=2,
        at=clock.now(),
    )
    assert Chat.objects.get().title == "Mine"


@pytest.mark.parametrize("said", ["", ' ""\n# ', "\n"])
def test_no_title_costs_nothing_and_changes_nothing(db: None, said: str) -> None:
    answer = answered()
    before = Chat.objects.get().title

    assert suggest(answer, Scripted([Text(said)] if said else [])) == before
    assert Receipt.objects.get(about_kind="chat").state == Receipt.State.RELEASED


def test_trouble_is_no_trouble(db: None) -> None:
    answer = answered()
    before = Chat.objects.get().title

    assert suggest(answer, Scripted([Text("Half")], trouble=EngineBusy("Busy."))) == before
    assert Receipt.objects.get(about_kind="chat").state == Receipt.State.RELEASED


def test_who_cannot_pay_for_a_title_goes_without(db: None) -> None:
    answer = answered()
    assert answer.person is not None
    make.spends_credits(answer.person)
    type(answer.model).objects.update(output_price=10**12)  # type: ignore[union-attr]
    answer.model.refresh_from_db()  # type: ignore[union-attr]
    engine = Scripted(TITLED)

    assert suggest(answer, engine).endswith("…")
    assert engine.asked == []
