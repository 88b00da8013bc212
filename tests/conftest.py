"""What every test may ask for: alice, bob, charlie, a clock to turn; no way out of here."""

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from django.db import connection

from atrium.kit import clock as kit_clock
from atrium.people.caller import Caller
from atrium.people.models import Guest, User
from tests import make

pytest_plugins = [
    "tests.house.second_try",
    "tests.house.shares",
    "tests.house.between",
    "tests.house.browser",
    "tests.house.quick_passwords",
]


# People


@pytest.fixture
def alice(db: None) -> User:
    """Who owns things."""
    return make.person(username="alice")


@pytest.fixture
def bob(db: None) -> User:
    """Who is let in by alice."""
    return make.person(username="bob")


@pytest.fixture
def charlie(db: None) -> User:
    """Who must see nothing."""
    return make.person(username="charlie")


@pytest.fixture
def caller_of() -> Callable[[User | Guest | None], Caller]:
    return make.caller


# Time


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Stop the house's clock at noon on 21 November 2026."""
    turned = Clock()
    kit_clock.use(lambda: turned.now)
    yield turned
    kit_clock.use(None)


# The database


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Before it is dropped, end what threads left open: PostgreSQL would not drop the database."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def redis_url() -> str:
    """Where the throwaway Redis of this run listens."""
    url = os.environ.get("ATRIUM_TEST_REDIS", "")
    if not url:
        pytest.skip("no Redis in this run; bin/test starts one")
    return url


# The outside


class OutgoingConnection(AssertionError):
    """A test tried to reach beyond this machine."""


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any, *more: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0]):
            raise OutgoingConnection(f"A test tried to reach {address!r}.")
        return method(self, address, *more)

    return connect


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_way_out() -> Iterator[None]:
    """Refuse every connection that does not end on this machine."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
    yield
    patch.undo()
