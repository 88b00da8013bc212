"""While the books disagree, no plan is renewed, and none ends for not being paid."""

from typing import Any

import pytest

from atrium.ledger.models import Disagreement
from atrium.payments.models import Payment
from atrium.people.models import User
from tests.plans.till import Till, mine_of, subscribed, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_renewal_waits_until_it_is_cleared(till: Till, clock: Any, alice: User) -> None:
    subscribed(alice, till)
    wrong = Disagreement.objects.create(
        thing_kind="entry", thing_id="1", said="kept 0, its rows say 5", found_at=clock.now
    )

    for _day in range(12):
        clock.forward(days=4)
        work()
    held = mine_of(alice)
    assert (held.state, Payment.objects.count()) == ("active", 1)

    Disagreement.objects.filter(pk=wrong.pk).delete()
    clock.forward(minutes=10)
    work()
    assert Payment.objects.count() == 2
