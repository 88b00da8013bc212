import json
from datetime import datetime

from atrium.jobs.actions import enqueue
from atrium.kit.secrets import seal
from atrium.people.models import User

PURPOSE = "a letter under way"


def write_to(
    *, person: User, letter: str, to: str = "", language: str = "", at: datetime, **said: str
) -> None:
    """Send one of ``people.letters`` in the background, if the caller's change stands.

    :param to: an address other than the person's own, such as the one they had before
    """
    brought = seal(json.dumps({"to": to, "language": language, "said": said}), PURPOSE)
    enqueue("people.send_letter", letter=letter, person_id=person.pk, brought=brought, at=at)
