"""What was done, and what was not, is written down once; a month counts exactly that."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from atrium.metering import deeds
from atrium.metering.actions import forget_old_log, log_use, release, settle
from atrium.metering.deeds import Deed, Stat
from atrium.metering.models import Receipt, UsageLog
from atrium.metering.statistics import month_of, usage
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.plans.actions.allowances import AllowanceReached
from atrium.plans.models import Allowance, Plan
from atrium.plans.queries import allowance_of
from tests import make
from tests.conftest import Clock
from tests.metering.calls import NOON, call, end, used


def counted(by: Caller, at: datetime = NOON) -> dict[str, int]:
    return {one.stat.value: one.count for one in month_of(by, at=at).counted if one.count}


def did(by: Caller, action: str, *, units: int = 1, success: bool = True) -> None:
    log_use(owner=by.as_owner(), action=action, units=units, success=success, at=NOON)


@pytest.fixture(autouse=True)
def came_in_december(by: Caller) -> None:
    User.objects.update(joined_at=datetime(2025, 12, 31, 9, tzinfo=UTC))
    assert by.person
    by.person.refresh_from_db()


def test_each_call_is_one_line_with_what_became_of_it(by: Caller) -> None:
    done, failed = call(by, 10), call(by, 20)
    for _again in range(2):
        end(done, 7)
        release(receipt=failed, at=NOON)

    told = UsageLog.objects.order_by("id").values_list("action", "success", "tokens", "receipt")
    assert list(told) == [("chat.message", True, 7, done.pk), ("chat.message", False, 0, failed.pk)]


def test_a_month_counts_what_the_log_says(by: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        "t.studio": Stat.STUDIO_JOBS,
        "t.image": Stat.IMAGES,
        "t.voice": Stat.VOICEOVER_MINUTES,
        "t.export": Stat.EXPORT_MINUTES,
    }
    for key, stat in made.items():
        monkeypatch.setitem(deeds._deeds, key, Deed(key, key, "Test", stat))
    for _number in range(3):
        end(call(by, 10), 5)
    release(receipt=call(by, 10), at=NOON)
    did(by, "t.studio")
    did(by, "t.studio", success=False)
    did(by, "t.image", units=4)
    did(by, "t.voice", units=61)
    did(by, "t.voice", units=59)
    did(by, "t.export", units=61)

    assert counted(by) == {
        "generations": 3,
        "chat_messages": 3,
        "studio_jobs": 1,
        "images": 4,
        "voiceover_minutes": 2,
        "export_minutes": 2,
    }
    again = Counter(UsageLog.objects.filter(success=True).values_list("action", flat=True))
    assert again["chat.message"] == counted(by)["chat_messages"]


def test_a_month_begins_on_the_day_of_the_month_that_the_person_came(by: Caller) -> None:
    """The 31st is the 28th in February. No job runs then, and two months are one jump."""
    end(call(by, 10), 5)
    assert month_of(by, at=NOON).began_at == datetime(2025, 12, 31, 9, tzinfo=UTC)

    edge = datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert counted(by, edge - timedelta(seconds=1)) == {"generations": 1, "chat_messages": 1}
    assert counted(by, edge) == {}
    jumped = month_of(by, at=datetime(2026, 3, 2, tzinfo=UTC))
    assert jumped.began_at == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert jumped.ends_at == datetime(2026, 3, 31, 9, tzinfo=UTC)


def test_a_plan_bounds_what_is_done_in_a_month_before_it_is_done(by: Caller) -> None:
    plan = Plan.objects.get(slug="basic")
    Allowance.objects.create(plan=plan, action="chat.message", per_month=2)
    end(call(by, 1), 1)
    release(receipt=call(by, 1), at=NOON)
    end(call(by, 1), 1)

    with pytest.raises(AllowanceReached) as refused:
        call(by, 1)

    told = refused.value
    assert (told.status, told.limit, told.used) == (429, 2, 2)
    assert told.retry_at == datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert used(by) == 2
    assert allowance_of(by, "chat.message", at=NOON).used == 2
    later = datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert call(by, 1, at=later).state == Receipt.State.OPEN


def test_the_log_is_kept_as_long_as_the_operator_says(by: Caller, clock: Clock) -> None:
    did(by, "sources.read")
    end(call(by, 10), 5)

    assert forget_old_log(at=NOON + timedelta(days=400)) == 0
    assert forget_old_log(at=NOON + timedelta(days=400, seconds=1)) == 2
    assert Receipt.objects.count() == 1


def test_usage_is_added_up_by_day_model_and_room(by: Caller, bob: User) -> None:
    end(call(by, 10), 5)
    tomorrow = NOON + timedelta(days=1)
    settle(receipt=call(by, 10, at=tomorrow), tokens_in=3, tokens_out=4, at=tomorrow)
    end(call(make.caller(bob), 10), 9)

    mine = usage(Receipt.objects.of(by), at=tomorrow)

    assert (mine.sums.calls, mine.sums.tokens) == (2, 12)
    assert [day.sums.tokens for day in mine.days[-3:]] == [0, 5, 7]
    assert len(mine.days) == 30
    assert [(one.title, one.sums.tokens) for one in mine.models] == [("Reader", 12)]
    assert [(one.title, one.sums.tokens) for one in mine.rooms] == [("Chat", 12)]
    everybody = usage(Receipt.objects.all(), at=tomorrow)
    assert everybody.sums.tokens == 21
