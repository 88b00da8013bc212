"""What was set aside and never ended is asked about; nobody knowing, it stays."""

from datetime import UTC, datetime, timedelta

import pytest

from atrium.ledger import orphans
from atrium.ledger.actions import end_orphans, grant, hold
from atrium.ledger.models import Hold
from atrium.ledger.queries import balance_of, first_difference

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
AFTER = LATER + timedelta(seconds=1)


class Provider:
    """Knows what a call cost, or does not yet."""

    def __init__(self) -> None:
        self.says: int | None = None
        self.asked: list[str] = []

    def __call__(self, held: Hold, at: datetime) -> int | None:
        self.asked.append(held.upstream_key)
        return self.says


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider()
    monkeypatch.setitem(orphans._asked, "call", provider)
    return provider


@pytest.fixture(autouse=True)
def orphan(db: None) -> Hold:
    grant(holder="person:a", amount=100, key="start", kind="gift", at=NOON)
    return hold(
        key="call",
        holder="person:a",
        amount=60,
        kind="call",
        upstream_key="theirs",
        at=NOON,
        deadline=LATER,
    )


def stands(orphan: Hold) -> tuple[str, int]:
    orphan.refresh_from_db()
    assert first_difference() is None
    return orphan.state, balance_of("person:a")


def test_a_hold_before_its_deadline_is_left_alone(orphan: Hold, provider: Provider) -> None:
    provider.says = 10

    assert end_orphans(at=LATER).ended == 0
    assert stands(orphan) == ("held", 40)


@pytest.mark.parametrize(
    ("cost", "state", "left"), [(25, "settled", 75), (0, "released", 100), (10**9, "settled", 40)]
)
def test_an_orphan_is_charged_what_the_provider_says(
    orphan: Hold, provider: Provider, cost: int, state: str, left: int
) -> None:
    provider.says = cost

    assert end_orphans(at=AFTER).ended == 1
    assert end_orphans(at=AFTER).ended == 0
    assert stands(orphan) == (state, left)
    assert provider.asked == ["theirs"]


def test_what_nobody_knows_stays_set_aside_and_is_asked_about_again_less_and_less_often(
    orphan: Hold, provider: Provider
) -> None:
    asked_after: list[int] = []
    moment = AFTER
    for _second in range(900):
        end_orphans(at=moment)
        if len(provider.asked) > len(asked_after):
            asked_after.append(int((moment - AFTER).total_seconds()))
        moment += timedelta(seconds=1)

    assert asked_after == [0, 30, 90, 210, 450]
    assert stands(orphan) == ("held", 40)


def test_an_orphan_that_no_room_answers_for_is_never_given_back(
    orphan: Hold, caplog: pytest.LogCaptureFixture
) -> None:
    Hold.objects.update(kind="of a room that is gone")

    assert end_orphans(at=AFTER).ended == 0
    assert stands(orphan) == ("held", 40)
    assert "past its deadline" in caplog.text


def test_one_that_cannot_be_asked_about_keeps_none_of_the_others_waiting(
    orphan: Hold, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(held: Hold, at: datetime) -> int | None:
        raise RuntimeError("the provider is down")

    monkeypatch.setitem(orphans._asked, "broken", broken)
    Hold.objects.update(kind="broken")
    other = hold(key="other", holder="person:a", amount=40, kind="call", at=NOON, deadline=LATER)
    provider.says = 15

    assert end_orphans(at=AFTER).ended == 1
    assert stands(other) == ("settled", 25)
    assert stands(orphan)[0] == "held"


def test_many_that_nobody_knows_of_keep_none_of_the_others_waiting(
    orphan: Hold, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atrium.ledger.actions.orphans.SWEPT_AT_ONCE", 1)
    monkeypatch.setitem(orphans._asked, "unknown", lambda held, at: None)
    Hold.objects.update(kind="unknown")
    for number in range(3):
        hold(key=str(number), holder="person:a", amount=1, kind="unknown", at=NOON, deadline=LATER)
    known = hold(key="known", holder="person:a", amount=10, kind="call", at=NOON, deadline=AFTER)
    provider.says = 10

    moment, asked = AFTER + timedelta(seconds=1), 0
    while end_orphans(at=moment).asked:
        asked += 1

    assert asked == 5
    assert stands(known)[0] == "settled"
