from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pytest

from atrium.kit.ids import new_id
from atrium.moderation import registry
from atrium.moderation.actions import report
from atrium.moderation.models import Report
from atrium.moderation.registry import Found, Reportable, Surroundings
from atrium.people.caller import Caller
from atrium.people.models import User
from tests import make
from tests.conftest import Clock


@dataclass
class Wall:
    """A room where everybody reads what was pinned to it, until it is hidden."""

    pinned: dict[UUID, User | None] = field(default_factory=dict)
    hidden: set[UUID] = field(default_factory=set)

    def pin(self, by: User | None) -> UUID:
        note = new_id()
        self.pinned[note] = by
        return note

    def find(self, thing_id: UUID, /, *, caller: Caller) -> Found | None:
        if caller.is_nobody or thing_id not in self.pinned or thing_id in self.hidden:
            return None
        return Found("A note", "Buy from me.", f"/wall/{thing_id}", self.pinned[thing_id])

    def hide(self, thing_id: UUID, /, *, at: datetime) -> bool:
        self.hidden.add(thing_id)
        return True

    def restore(self, thing_id: UUID, /, *, at: datetime) -> bool:
        self.hidden.discard(thing_id)
        return True

    def around(self, thing_id: UUID) -> Surroundings | None:
        person = self.pinned[thing_id]
        return Surroundings(("before", "after"), (person,) if person else ())


@pytest.fixture
def wall() -> Iterator[Wall]:
    made = Wall()
    registry.register(
        Reportable(
            key="note",
            title="A note",
            find=made.find,
            hide=made.hide,
            restore=made.restore,
            around=made.around,
        )
    )
    yield made
    registry._kinds.pop("note")


@pytest.fixture
def mira(db: None) -> User:
    """A moderator."""
    return make.person(username="mira", staff_areas=["moderation"])


@pytest.fixture
def noah(db: None) -> User:
    """Another moderator."""
    return make.person(username="noah", staff_areas=["moderation"])


ReportIt = Callable[..., Report]


@pytest.fixture
def report_it(wall: Wall, clock: Clock) -> ReportIt:
    """Pin a note of somebody's to the wall, and report it as somebody else."""

    def reported(by: User, *, of: User | None = None, note: UUID | None = None) -> Report:
        thing = note or wall.pin(of)
        told = {"kind": "note", "thing_id": thing, "category": "spam", "text": "Look."}
        return report(by=make.caller(by), at=clock.now, **told)  # type: ignore[arg-type]

    return reported
