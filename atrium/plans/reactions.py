from datetime import datetime

from atrium.events.registry import on
from atrium.people.events import AccountMade
from atrium.people.models import User
from atrium.plans.actions.start_credits import give_start_credits


@on(AccountMade)
def begin_with_credits(event: AccountMade, *, at: datetime) -> None:
    """Give a new account its first credits."""
    person = User.objects.filter(pk=event.person_id).first()
    if person:
        give_start_credits(person=person, at=at)
