"""Facts that only the tests know, and who listens to them; a worker of the tests knows them too."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from atrium.events.actions import tell
from atrium.events.registry import Event, on
from tests.jobs.kinds import leave, wait_for


@dataclass(frozen=True, kw_only=True, slots=True)
class BookOpened(Event):
    title: str
    reader: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LampLit(Event):
    said: str
    go: str


fails_left: list[str] = []


@on(BookOpened)
def shelve(event: BookOpened, *, at: datetime) -> None:
    leave(f"shelved {event.title}")
    if event.reader:
        tell(event.reader, "book", {"title": event.title}, at=at)


@on(BookOpened)
def stumble(event: BookOpened, *, at: datetime) -> None:
    leave(f"stumbled over {event.title}")
    if fails_left:
        raise RuntimeError(fails_left.pop())


@on(LampLit)
def burn(event: LampLit, *, at: datetime) -> None:
    """Leave a mark, say so and wait for the word to go on, all in the listener's transaction."""
    leave("burnt")
    tell("person:lamp", "lamp", {}, at=at)
    with Path(event.said).open("a") as file:
        file.write("x")
    wait_for(event.go)
