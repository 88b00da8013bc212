import pytest

from atrium.chat import actions
from atrium.chat.models import Chat
from atrium.kit import clock
from atrium.people.models import User
from tests import make


@pytest.fixture
def chat(alice: User) -> Chat:
    return actions.start_chat(by=make.caller(alice), at=clock.now())
