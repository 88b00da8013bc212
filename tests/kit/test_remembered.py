from itertools import count

import pytest

from atrium.kit.remembered import Remembered

pytestmark = pytest.mark.once


def test_it_is_read_once_until_it_is_forgotten() -> None:
    numbers = count(1)
    remembered = Remembered(lambda: next(numbers), seconds=1_000)

    assert [remembered.get(), remembered.get()] == [1, 1]
    remembered.forget()
    assert [remembered.get(), remembered.get()] == [2, 2]


def test_what_is_old_is_read_anew() -> None:
    numbers = count(1)
    remembered = Remembered(lambda: next(numbers), seconds=0)

    assert [remembered.get(), remembered.get()] == [1, 2]


def test_a_change_while_it_is_read_is_not_missed() -> None:
    numbers = count(1)

    def read() -> int:
        found = next(numbers)
        if found == 1:
            remembered.forget()  # somebody changes it meanwhile
        return found

    remembered = Remembered(read, seconds=1_000)

    assert [remembered.get(), remembered.get(), remembered.get()] == [1, 2, 2]
