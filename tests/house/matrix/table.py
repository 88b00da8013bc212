"""The table that a person judges: a line for each way to ask that is answered at all."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.house.matrix.everybody import (
    DEAD_KEYS,
    KEPT_OUT,
    KEYS,
    MEMBERS,
    OWNERS,
    ROLES,
    STAFF,
    WAITS,
)
from tests.house.matrix.routes import Asked

PATH = Path(__file__).with_name("table.txt")
HEAD = """\
# Who is let in where. One line a route and method: whom it declares, `owned` where others than the
# owner get 404, and then what differs from this:
#
#   anyone, somebody   all are let in
#   member             whoever has no account is sent to sign in
#   staff              so too, and members of no staff get 403
#   unverified         waits for the account to open: 403
#   under /api/        a dead key is refused (sign-in); a key without the scope (read to look, write
#                      to change) gets 403, and so does the key of somebody suspended. Elsewhere a
#                      key is nobody's.
#   a method without a line here is 405 for everybody; `staff` after a colon is all four of them
#
# Made by `python -m tests.house.matrix --write`, and then judged by whoever reads the difference.
"""

Seen = dict[str, str]


def line_for(asked: Asked, seen: Seen) -> str:
    """Return what the table says when ``seen`` is what each role met; empty for a plain 405."""
    if asked.policy is None:
        if set(seen.values()) == {"405"}:
            return ""
        return f"{_start(asked, 'UNDECLARED')} {_said(seen, dict.fromkeys(ROLES, '405'))}".strip()
    plain, owned = (usual(asked, owned=owned) for owned in (False, True))
    is_owned = _may_be_owned(asked) and _differences(seen, owned) < _differences(seen, plain)
    who = asked.policy.who + (f":{asked.policy.area}" if asked.policy.area else "")
    declared = f"{who} owned" if is_owned else who
    return f"{_start(asked, declared)} {_said(seen, owned if is_owned else plain)}".rstrip()


def _may_be_owned(asked: Asked) -> bool:
    # What the console shows belongs to nobody who opens it.
    return asked.policy is not None and asked.policy.who != "staff" and "<" in asked.route


def usual(asked: Asked, *, owned: bool) -> Seen:
    """Return what every role meets where nothing is out of the ordinary."""
    return {role: _usual(asked, role, owned=owned) for role in ROLES}


def _usual(asked: Asked, role: str, *, owned: bool) -> str:
    assert asked.policy is not None
    if asked.is_api and role in DEAD_KEYS:
        return "sign-in"
    if role == WAITS or (asked.is_api and role == KEPT_OUT):
        return "403"
    who = asked.policy.who
    is_member = role in MEMBERS or (asked.is_api and role in KEYS)
    if who in {"member", "staff", "admin"} and not is_member:
        return "sign-in"
    if (who == "staff" and role not in STAFF) or (who == "admin" and role != "admin"):
        return "403"
    if asked.is_api and role in {
        *("key-account", "key-models"),
        "key-write" if asked.is_safe else "key-read",
    }:
        return "403"
    is_owner = role in OWNERS and (asked.is_api or role not in KEYS)
    return "404" if owned and not is_owner else "ok"


def written(lines: Iterable[str]) -> str:
    """Return the whole file."""
    return HEAD + "".join(f"{line}\n" for line in lines)


def stored() -> list[str]:
    """Return the lines that were judged."""
    lines = PATH.read_text(encoding="utf-8").splitlines() if PATH.exists() else []
    return [line for line in lines if line and not line.startswith("#")]


def complaints(observed: list[str], judged: list[str]) -> list[str]:
    """Say which routes stand in no line, which lines have no route, and which say otherwise."""
    now = {_key(line): line for line in observed}
    then = {_key(line): line for line in judged}
    found = [f"{key} stands in no line:\n    {now[key]}" for key in now if key not in then]
    found += [f"the line “{key}” has no route any more" for key in then if key not in now]
    found += [
        f"{key} is judged otherwise:\n    judged: {then[key]}\n    found:  {now[key]}"
        for key in now
        if key in then and now[key] != then[key]
    ]
    return found


def _key(line: str) -> str:
    return " ".join(line.split()[:2])


def _start(asked: Asked, declared: str) -> str:
    return f"{asked.method:<7} {asked.route:<66} {declared:<14}"


def _differences(seen: Seen, expected: Seen) -> int:
    return sum(seen[role] != expected[role] for role in ROLES)


def _said(seen: Seen, expected: Seen) -> str:
    """Return the roles that met something else, by what they met."""
    others = [role for role in ROLES if seen[role] != expected[role]]
    by_outcome = groupby(sorted(others, key=lambda role: seen[role]), key=lambda role: seen[role])
    return "; ".join(f"{met}: {_named(list(roles))}" for met, roles in by_outcome)


def _named(roles: list[str]) -> str:
    if len(roles) == len(ROLES):
        return "all"
    rest = [role for role in roles if role not in STAFF]
    return " ".join(["staff", *rest] if set(roles) >= STAFF else roles)
