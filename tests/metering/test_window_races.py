"""Many at once: a window and a wallet let through exactly what they hold, on either engine."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connections
from django.db.models import Sum

from atrium.ledger.actions import NotEnough
from atrium.ledger.queries import balance_of, first_difference
from atrium.metering.actions import (
    WindowFull,
    let_credits_pay,
)
from atrium.metering.models import Receipt, Window
from atrium.metering.window import LENGTH
from atrium.people.caller import Caller
from tests.metering.calls import NOON, SECOND, call, end, used, with_credits


def at_once(deeds: Sequence[Callable[[], object]]) -> Counter[str]:
    """Do all at one moment, each on a line of its own, and count how they ended."""
    together = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> str:
        together.wait(60)
        try:
            deed()
        except (WindowFull, NotEnough):
            return "refused"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(one, deeds))


@pytest.mark.django_db(transaction=True)
def test_64_at_once_pass_as_many_as_fit(by: Caller) -> None:
    """The first of all, too: there is no row yet that they could wait for."""
    assert at_once([lambda: call(by, 33)] * 64) == {"done": 3, "refused": 61}
    assert used(by) == 99


@pytest.mark.django_db(transaction=True)
def test_64_at_once_over_the_boundary_open_one_window(by: Caller) -> None:
    """Half of them come a second before it resets, half at that second; late ones end meanwhile."""
    late = [call(by, 20) for _number in range(5)]
    before, after = NOON + LENGTH - SECOND, NOON + LENGTH
    deeds = [lambda: call(by, 10, at=before)] * 30 + [lambda: call(by, 10, at=after)] * 29

    ended = at_once([*deeds, *(partial(end, one, 20, at=after) for one in late)])

    # Those before the boundary find the old window full, or the new one as they come to it.
    assert ended == {"done": 10 + 5, "refused": 49}
    assert Window.objects.get().number == 2
    assert used(by, after) == 100
    receipts = Receipt.objects.filter(window_number=2).aggregate(sum=Sum("reserved"))
    assert receipts["sum"] == 100


@pytest.mark.django_db(transaction=True)
def test_50_at_once_with_a_window_for_two_and_credits_for_three(by: Caller) -> None:
    with_credits(by, 150)
    let_credits_pay(by=by, allowed=True, at=NOON)

    assert at_once([lambda: call(by, 50)] * 50) == {"done": 5, "refused": 45}

    assert (used(by), balance_of(by.audience)) == (100, 0)
    by_payer = Counter(Receipt.objects.values_list("payer", flat=True))
    assert by_payer == {"window": 2, "credits": 3}
    assert first_difference() is None
