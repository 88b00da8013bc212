"""People as something that can be reported: by their name, as nobody is shown another's id."""

from uuid import UUID

from django.utils.translation import gettext_lazy

from atrium.moderation.registry import Found, Reportable, register
from atrium.people.caller import Caller
from atrium.people.models import User

KIND = "person"


def profile_of(person: User | None, name: str) -> Found:
    """Return what moderators see of the person with this name; only the name when it is nobody."""
    said = [getattr(person, column, "") for column in ("display_name", "bio")] if person else []
    lines = [f"@{name}", *filter(None, said)]
    return Found(title=name, excerpt="\n".join(lines), url="", person=person)


def _by_id(thing_id: UUID, /, *, caller: Caller) -> Found | None:
    return None


register(Reportable(key=KIND, title=gettext_lazy("A person"), find=_by_id))
