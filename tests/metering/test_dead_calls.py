"""A call whose process died is ended by the room that it was for, and by nobody else."""

from datetime import timedelta

import pytest

from atrium.chat.actions import begin_turn, start_chat
from atrium.chat.models import Chat, Turn
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit import clock as kit_clock
from atrium.ledger.actions import end_orphans, grant
from atrium.ledger.models import Hold
from atrium.ledger.queries import balance_of, first_difference
from atrium.metering.actions import LONGEST_CALL
from atrium.metering.models import Receipt
from atrium.people.models import User
from tests import make
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(alice: User, clock: Clock) -> Turn:
    offer_built_in()
    Model.objects.update(output_price=1_000_000)
    by, now = make.spends_credits(alice), kit_clock.now()
    grant(holder=by.audience, amount=1_000_000, key="start", kind="gift", at=now)
    chat = start_chat(by=by, at=now)
    model = Model.objects.get()
    return begin_turn(by=by, chat=chat, text="Why?", model=model, at=now).answer


def late(clock: Clock) -> None:
    clock.forward(seconds=LONGEST_CALL.total_seconds() + 1)


def test_what_was_kept_of_a_dead_answer_is_charged(answer: Turn, clock: Clock) -> None:
    Turn.objects.update(text="Kept before the crash.")
    late(clock)

    assert end_orphans(at=clock.now).ended == 1

    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.charged, receipt.hold.settled_amount) == ("settled", 6, 6)
    assert Turn.objects.get(pk=answer.pk).state == Turn.State.FAILED
    assert balance_of(f"person:{answer.person_id}") == 1_000_000 - 6
    assert first_difference() is None


def test_a_dead_answer_without_a_word_costs_nothing(answer: Turn, clock: Clock) -> None:
    late(clock)

    end_orphans(at=clock.now)

    assert Receipt.objects.get().state == "released"
    assert balance_of(f"person:{answer.person_id}") == 1_000_000


def test_an_answer_that_is_still_written_goes_on(answer: Turn, clock: Clock) -> None:
    late(clock)
    Turn.objects.update(alive_until=clock.now + timedelta(seconds=1))

    assert end_orphans(at=clock.now).ended == 0
    assert Hold.objects.get().state == "held"


def test_a_call_whose_text_was_removed_is_given_back(answer: Turn, clock: Clock) -> None:
    Chat.objects.all().delete()
    late(clock)

    end_orphans(at=clock.now)

    assert (Receipt.objects.get().state, Hold.objects.get().state) == ("released", "released")
    assert first_difference() is None


def test_a_call_that_no_room_answers_for_stays_set_aside(answer: Turn, clock: Clock) -> None:
    Receipt.objects.update(about_kind="of a room that is gone")
    late(clock)

    assert end_orphans(at=clock.now).ended == 0
    assert Hold.objects.get().state == "held"
