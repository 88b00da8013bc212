"""Goes through the whole map, asking every route in every way as everybody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.house.matrix.asking import answered, outcome
from tests.house.matrix.everybody import ROLES, Everybody
from tests.house.matrix.routes import Asked
from tests.house.matrix.table import Seen, line_for

FEW = ("nobody", "owner", "admin", "key-write")
"""Who asks first in a method that a route does not declare; everybody, should it answer one. And
who asks where the other engine's worker judges: it breaks, or not, on each engine."""


Judges = Callable[[str], bool]


@dataclass
class Survey:
    """What was found: the table's lines, and whatever broke on the way."""

    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def survey(everybody: Everybody, ways: Iterable[Asked], *, judges: Judges = bool) -> Survey:
    """Ask all of them; a line is made of a route that ``judges`` is true of."""
    found = Survey()
    for asked in ways:
        is_judged = judges(asked.route)
        if asked.policy is None and not is_judged:
            continue  # answered before any engine is asked
        seen = _asked_by(everybody, asked, ROLES if asked.policy and is_judged else FEW)
        if asked.policy is None and set(seen.values()) != {"405"}:
            seen = _asked_by(everybody, asked, ROLES)
        found.faults += [
            f"{asked.name} as {role}: {met}" for role, met in seen.items() if met.startswith("5")
        ]
        line = line_for(asked, seen) if is_judged else ""
        if line:
            found.lines.append(line)
    return found


def _asked_by(everybody: Everybody, asked: Asked, roles: Iterable[str]) -> Seen:
    seen: Seen = {}
    for role in roles:
        try:
            with answered(everybody, everybody.roles[role], asked) as answer:
                seen[role] = outcome(answer, asked)
        except LookupError as unknown:
            seen[role] = f"nobody-knows-what-{unknown.args[0]}-is-called"
    return seen
