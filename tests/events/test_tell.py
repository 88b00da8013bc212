import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from atrium.events.actions import tell, tell_all
from atrium.events.models import Stream, StreamEvent
from atrium.events.queries import heads, position
from atrium.kit import clock

ALICE, BOB, CHARLIE = "person:alice", "person:bob", "person:charlie"


def seqs(audience: str) -> list[int]:
    rows = StreamEvent.objects.filter(stream=audience).order_by("id")
    return list(rows.values_list("seq", flat=True))


def in_threads(count: int, do: Callable[[int], None]) -> None:
    """Let ``do`` run ``count`` times at once, and raise what the first to fail raised."""
    barrier, faults = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            barrier.wait(20)
            do(number)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def test_each_audience_counts_for_itself_from_one(db: None) -> None:
    now = clock.now()
    assert [tell(ALICE, "a", {"n": 1}, at=now), tell(ALICE, "b", {}, at=now)] == [1, 2]
    assert tell(BOB, "a", {}, at=now) == 1
    assert tell_all([BOB, ALICE, CHARLIE, BOB], "c", {}, at=now) == {ALICE: 3, BOB: 2, CHARLIE: 1}
    assert heads([ALICE, BOB, "person:nobody"]) == {ALICE: 3, BOB: 2}
    assert position("person:nobody") == 0
    first = StreamEvent.objects.get(stream=ALICE, seq=1)
    assert (first.kind, first.payload, first.told_at) == ("a", {"n": 1}, now)


def test_a_thousand_audiences_are_told_at_once(db: None) -> None:
    names = [f"person:{number}" for number in range(1_000)]
    assert set(tell_all(names, "a", {}, at=clock.now()).values()) == {1}
    assert set(tell_all(names, "a", {}, at=clock.now()).values()) == {2}
    assert StreamEvent.objects.count() == 2_000


def test_nobody_and_too_much_are_not_told(db: None) -> None:
    with pytest.raises(AssertionError):
        tell("", "a", {}, at=clock.now())
    with pytest.raises(AssertionError, match="fetch"):
        tell(ALICE, "a", {"text": "x" * 16_001}, at=clock.now())
    assert not Stream.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_leave_neither_hole_nor_double() -> None:
    told: list[int] = []

    def tell_fifty(number: int) -> None:
        for turn in range(50):
            with transaction.atomic():
                told.append(tell(ALICE, "a", {"from": number, "turn": turn}, at=clock.now()))

    in_threads(16, tell_fifty)
    assert sorted(told) == list(range(1, 801))
    assert sorted(seqs(ALICE)) == list(range(1, 801))
    assert position(ALICE) == 800
    # Each thread's own tellings stand in the order in which it told them.
    rows = StreamEvent.objects.filter(stream=ALICE).order_by("seq")
    payloads = list(rows.values_list("payload", flat=True))
    for number in range(16):
        assert [one["turn"] for one in payloads if one["from"] == number] == list(range(50))


@pytest.mark.django_db(transaction=True)
def test_a_telling_taken_back_leaves_no_hole() -> None:
    def tell_half(number: int) -> None:
        for turn in range(20):
            with transaction.atomic():
                tell(ALICE, "a", {}, at=clock.now())
                transaction.set_rollback((turn + number) % 2 == 1)

    in_threads(8, tell_half)
    assert sorted(seqs(ALICE)) == list(range(1, 81))


@pytest.mark.django_db(transaction=True)
def test_tellings_to_crossing_audiences_do_not_wait_for_each_other_for_ever() -> None:
    names = [f"person:{number}" for number in range(12)]

    def tell_around(number: int) -> None:
        for turn in range(15):
            start = (number + turn) % 12
            tell_all([*names[start:], *names[:start]][:8], "a", {}, at=clock.now())

    in_threads(8, tell_around)
    counted = Counter(StreamEvent.objects.values_list("stream", flat=True))
    assert sum(counted.values()) == 8 * 15 * 8
    for name in names:
        assert sorted(seqs(name)) == list(range(1, counted[name] + 1))
