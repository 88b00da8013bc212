"""While the books disagree, nobody is charged; what is paid already is given."""

import pytest

from atrium.kit import clock
from atrium.ledger.guard import BooksDisagree
from atrium.ledger.models import Disagreement
from atrium.payments import checkout
from atrium.payments.models import SandboxOrder
from atrium.people.models import User
from tests.payments.through_sandbox import begun, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def disagreement(db: None) -> Disagreement:
    return Disagreement.objects.create(
        thing_kind="entry",
        thing_id="1",
        said="entry 1: kept 0, its rows say 5",
        found_at=clock.now(),
    )


def test_no_checkout_begins(alice: User, jar: object, disagreement: Disagreement) -> None:
    payment = opened(alice)

    with pytest.raises(BooksDisagree):
        checkout.begin(payment, at=clock.now())

    assert not SandboxOrder.objects.exists()


def test_once_it_is_cleared_the_same_payment_is_made(
    alice: User, jar: object, disagreement: Disagreement
) -> None:
    payment = opened(alice, key="one")
    disagreement.delete()

    assert begun(alice, key="one").pk == payment.pk
