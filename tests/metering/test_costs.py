"""What providers ask of the house, counted by what was written down when a call ended."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from atrium.engines.models import Cost, Model, Provider
from atrium.kit import clock as kit_clock
from atrium.metering.actions import settle
from atrium.metering.costs import costs_since
from atrium.people.caller import Caller
from tests import make
from tests.conftest import Clock
from tests.metering.calls import NOON, SECOND, call

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def model(by: Caller) -> Model:
    Provider.objects.update(kind="openai", url="http://127.0.0.1:1/v1")
    return Model.objects.get()


def uses(by: Caller, read: int, written: int, *, after: timedelta) -> None:
    at = NOON + after
    settle(receipt=call(by, 30, at=at), tokens_in=read, tokens_out=written, at=at)


def test_each_call_costs_what_was_asked_when_it_ended(by: Caller, model: Model) -> None:
    model.costs.create(since=NOON - HOUR, read=1_000_000_000, written=2_000_000_000)
    model.costs.create(since=NOON + HOUR, read=0, written=5_000_000_000)
    uses(by, 10, 20, after=SECOND)  # 10 thousandths and 40
    uses(by, 10, 20, after=HOUR)  # nothing and 100

    costs = costs_since(NOON)
    assert [(one.calls, one.tokens, one.micro) for one in costs.models] == [(2, 60, 150_000)]
    assert (str(costs.sum), costs.is_whole) == ("0.15 USD", True)
    assert [one.micro for one in costs_since(NOON + HOUR).models] == [100_000]


def test_what_is_not_written_down_is_not_known(by: Caller, model: Model) -> None:
    uses(by, 10, 20, after=SECOND)
    costs = costs_since(NOON)
    assert (costs.sum, costs.is_whole) == (None, False)

    model.costs.create(since=NOON + HOUR, read=1, written=1)
    assert costs_since(NOON).sum is None  # it began later than the call ended


def test_built_in_engines_ask_for_nothing(by: Caller) -> None:
    uses(by, 10, 20, after=SECOND)
    assert [one.micro for one in costs_since(NOON).models] == [0]


def test_pictures_and_sound_are_not_counted_by_tokens(by: Caller, model: Model) -> None:
    model.costs.create(since=NOON, read=1, written=1)
    uses(by, 10, 20, after=SECOND)
    Model.objects.update(answers=False, draws=True)
    assert [one.micro for one in costs_since(NOON).models] == [None]


def test_an_operator_writes_it_down_and_reads_it_beside_what_was_paid(
    by: Caller, model: Model, clock: Clock
) -> None:
    boss = make.enter(Client(), make.admin())
    now = kit_clock.now()
    settle(receipt=call(by, 100, at=now), tokens_in=50, tokens_out=50, at=now)
    assert "Not known" in boss.get("/console/usage").content.decode()

    page = f"/console/engines/model/{model.pk}/do/change/"
    form: dict[str, Any] = {
        "title": "Green",
        "order": "5",
        "lowest_tier": "0",
        "context_tokens": "9000",
    }
    form |= {"most_output_tokens": "90", "can": ["answers"], "enabled": "on"}
    form |= {"cost_read": "3000", "cost_written": "15000.5"}
    assert boss.post(page, form).status_code == 302
    told = Cost.objects.get()
    assert (told.read, told.written) == (3_000_000_000, 15_000_500_000)
    assert told.since < now  # the first one counts for what was before
    assert "0.91 USD" in boss.get("/console/usage").content.decode()

    assert boss.post(page, form).status_code == 302
    assert Cost.objects.count() == 1
    clock.forward(minutes=1)
    assert boss.post(page, {**form, "cost_read": "2"}).status_code == 302
    assert Cost.objects.order_by("since").last().since == clock.now  # type: ignore[union-attr]
    assert "0.91 USD" in boss.get("/console/usage").content.decode()
    assert 'value="2"' in boss.get(page).content.decode()
