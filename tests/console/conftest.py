from collections.abc import Callable

import pytest
from django.test import Client

from atrium.people.models import User
from tests import make

Enter = Callable[[User], Client]


@pytest.fixture
def enter(db: None) -> Enter:
    """Sign somebody in and return their browser."""

    def entered(person: User) -> Client:
        return make.enter(Client(), person)

    return entered


@pytest.fixture
def root(db: None) -> User:
    """The administrator."""
    return make.admin(username="root")


@pytest.fixture
def support(db: None) -> User:
    """Staff who help people, and see only that."""
    return make.person(username="sally", staff_areas=["support"])


@pytest.fixture
def operator(root: User, enter: Enter) -> Client:
    """The administrator's browser."""
    return enter(root)
