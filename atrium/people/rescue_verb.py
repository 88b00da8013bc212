"""`bin/atrium account rescue`: let somebody back in who has lost everything."""

from typing import Any

from atrium.kit import clock
from atrium.kit.command import Answer
from atrium.people.account_verbs import Verb, register
from atrium.people.actions import make_rescue_codes
from atrium.people.models import User


def _rescue(person: User, *, by: str, **_options: Any) -> Answer:
    code = make_rescue_codes(person=person, by=by, at=clock.now())[0]
    data = {"person": str(person.pk), "username": person.username, "rescue_code": code}
    return Answer(data, [f"{person.username}: give them this, for the page /reset/code:", code])


register(Verb("rescue", "print a code with which somebody sets a new password", _rescue))
