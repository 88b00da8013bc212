"""Passwords that are hashed as ours are, but in no time: nothing is proved by waiting for them."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from atrium.people.passwords import Argon2


class Quick(Argon2):
    time_cost = 1
    memory_cost = 8


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_quickly() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["tests.house.quick_passwords.Quick"]):
        yield
