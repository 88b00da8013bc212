"""The ledger beside a model of dictionaries, written apart from it: thousands of random deeds."""

from datetime import datetime

import pytest

from atrium.ledger import actions as ledger
from atrium.ledger import orphans
from atrium.ledger.actions import holds
from atrium.ledger.models import Hold
from tests.ledger.drive import DEEDS, Differs, Drive

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.timeout(600)
def test_5000_posts_say_what_the_model_says() -> None:
    drive = Drive(seed=4)

    drive.go(5_000)

    drive.look_at_platform()
    assert len(drive.kinds) == len(DEEDS), drive.kinds


def test_settling_twice_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: the hold's state is written, and not looked at."""
    really, post = holds._end, ledger.post
    numbers = iter(range(10**6))

    def end(held: Hold, state: Hold.State, *, at: datetime, settled_amount: int) -> bool:
        really(held, state, at=at, settled_amount=settled_amount)
        return True

    def post_anew(*, key: str, **told: object) -> object:
        return post(key=f"{key}:{next(numbers)}", **told)  # type: ignore[arg-type]

    monkeypatch.setattr(holds, "_end", end)
    monkeypatch.setattr(holds, "post", post_anew)

    with pytest.raises((Differs, ledger.NotEnough)):
        Drive(seed=4).go(1_000)


def test_giving_an_orphan_back_blindly_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: what is past its deadline is given back, and nobody is asked."""
    monkeypatch.setattr(orphans, "ask_about", lambda held, at: 0)

    with pytest.raises(Differs):
        Drive(seed=4).go(1_000)
