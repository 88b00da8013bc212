import pytest

from atrium.web import drain

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def _afterwards() -> object:
    yield
    drain.reset()


def test_who_listens_is_called_once() -> None:
    calls: list[str] = []
    drain.on_drain(lambda: calls.append("streams"))
    drain.begin()
    drain.begin()
    assert calls == ["streams"]
    assert drain.is_draining()


def test_who_took_it_back_is_not_called() -> None:
    calls: list[str] = []
    forget = drain.on_drain(lambda: calls.append("streams"))
    forget()
    forget()
    drain.begin()
    assert calls == []


def test_who_comes_late_is_called_at_once() -> None:
    calls: list[str] = []
    drain.begin()
    drain.on_drain(lambda: calls.append("late"))
    assert calls == ["late"]
