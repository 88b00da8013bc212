"""`bin/atrium account take_second_factor`, for when no administrator can get in."""

from typing import Any

from atrium.kit import clock
from atrium.kit.command import Answer
from atrium.people.account_verbs import Verb, register
from atrium.people.actions.second_factor import remove_second_factor
from atrium.people.models import User


def _take(person: User, *, by: str, reason: str = "", **_options: Any) -> Answer:
    remove_second_factor(person=person, reason=reason, by=by, at=clock.now())
    said = f"{person.username}: app, recovery codes and passkeys are gone; they are told."
    return Answer({"id": str(person.pk), "username": person.username}, [said])


register(Verb("take_second_factor", "take away app, codes and passkeys of who lost them", _take))
