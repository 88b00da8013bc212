import pytest

from atrium.engines.actions import offer_built_in
from atrium.people.caller import Caller
from atrium.people.models import User
from tests import make


@pytest.fixture
def by(alice: User) -> Caller:
    """Alice's plan has 100 tokens in six hours."""
    offer_built_in()
    make.windows(100)
    return make.caller(alice)
