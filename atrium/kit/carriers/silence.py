"""Carries nothing: how the rest behaves when every hint is lost."""

from collections.abc import Callable

from atrium.kit.carriers.protocol import PassOn, Stop


class Silence:
    """A carrier that connects and then loses every hint."""

    def send(self, topic: str, text: str) -> None:
        pass

    def close(self) -> None:
        pass

    def listen(
        self,
        topics: frozenset[str],
        pass_on: PassOn,
        connected: Callable[[], None],
        stop: Stop,
    ) -> None:
        connected()
        while not stop.is_set():
            stop.wait(60)
