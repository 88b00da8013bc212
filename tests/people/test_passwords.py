from importlib import import_module

import pytest
from argon2 import Type, extract_parameters

from atrium.people.passwords import Argon2

pytestmark = pytest.mark.once


def test_passwords_are_kept_by_argon2id_that_takes_its_memory_and_time() -> None:
    kept = Argon2().encode("correct horse battery", Argon2().salt())

    used = extract_parameters(kept.removeprefix("argon2"))
    assert (used.type, used.memory_cost, used.time_cost, used.parallelism) == (
        Type.ID,
        19_456,
        2,
        1,
    )


def test_the_house_uses_it_and_nothing_else() -> None:
    # The tests' own settings name one that is quick.
    assert import_module("atrium.settings").PASSWORD_HASHERS == ["atrium.people.passwords.Argon2"]
