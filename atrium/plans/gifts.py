"""What ``account create --plan TIER --credits N`` gives."""

from datetime import datetime

from atrium.people.models import User
from atrium.people.newcomer_gifts import register
from atrium.plans.actions.gifts import give_credits, give_plan


def _plan(*, person: User, told: str, by: str, at: datetime) -> None:
    give_plan(person=person, slug=told, by=by, at=at)


register("plan", _plan)
register("credits", give_credits)
