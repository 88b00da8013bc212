import pytest

from atrium.chat import prompts, queries
from atrium.chat.actions import Wishes, begin_turn, set_wishes
from atrium.chat.models import Chat, Turn
from atrium.chat.prompts import PromptTooLong
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.ledger.actions import NotEnough
from atrium.ledger.models import Hold
from tests import make
from tests.chat import scripted
from tests.chat.said import asked


def small(**fields: int) -> Model:
    made = scripted.model(context_tokens=1_000)
    Model.objects.filter(pk=made.pk).update(**{"most_output_tokens": 500, **fields})
    return Model.objects.get(pk=made.pk)


def test_a_question_that_does_not_fit_is_refused_before_any_cost(chat: Chat) -> None:
    model = small()
    with pytest.raises(PromptTooLong) as refused:
        begin_turn(
            by=make.caller(chat.person), chat=chat, text="x" * 2_004, model=model, at=clock.now()
        )

    assert (refused.value.limit, refused.value.used) == (500, 501)
    assert refused.value.way_on
    assert not Turn.objects.exists()
    assert not Hold.objects.exists()


def test_instructions_count_with_the_question(chat: Chat) -> None:
    model = small()
    set_wishes(chat=chat, wishes=Wishes(system="y" * 1_200, model=model))
    with pytest.raises(PromptTooLong):
        asked(chat, "x" * 1_000)
    asked(chat, "x" * 700)


def test_the_oldest_is_left_out_and_the_answer_says_so(chat: Chat) -> None:
    small()
    for number in range(4):
        asked(chat, f"{number} " + "q" * 300, f"{number} " + "a" * 300)
    last = asked(chat, "And?")

    answer = Turn.objects.select_related("chat", "parent", "model").get(pk=last.pk)
    told = queries.question_for(answer)
    assert answer.left_out == 8 - len(told.history) > 0
    assert told.history[0].role == "user"
    assert told.history[-1].text.startswith("3 a")
    assert prompts.tokens_of(told) <= 500


def test_what_is_set_aside_holds_all_that_goes_along(chat: Chat) -> None:
    small(input_price=1_000_000)
    make.spends_credits(chat.person)  # type: ignore[arg-type]
    with pytest.raises(NotEnough):
        asked(chat, "q" * 400)


def test_how_full_a_chat_is(chat: Chat) -> None:
    model = small()
    empty = prompts.filling_of(chat, model)
    assert (empty.percent, empty.is_filling) == (0, False)

    asked(chat, "q" * 1_000, "a" * 640)
    chat.refresh_from_db()
    filling = prompts.filling_of(chat, model)
    assert (filling.used, filling.limit, filling.percent) == (418, 500, 83)
    assert filling.is_filling
    assert not filling.is_nearly_full

    asked(chat, "q" * 200, "a" * 200)
    chat.refresh_from_db()
    assert prompts.filling_of(chat, model).is_nearly_full


def test_reader_is_given_no_history_and_refuses_nothing(chat: Chat) -> None:
    model = small()
    Model.objects.update(quotes_only=True)
    asked(chat, "q" * 3_000)
    answer = asked(chat, "And?")

    found = Turn.objects.select_related("chat", "parent", "model").get(pk=answer.pk)
    assert queries.question_for(found).history == ()
    assert found.left_out == 0
    assert prompts.filling_of(chat, Model.objects.get(pk=model.pk)).percent == 0
