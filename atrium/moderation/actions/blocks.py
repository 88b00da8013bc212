from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.kit.errors import Conflict, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.moderation.models import Block
from atrium.people.attempts import Bound, count
from atrium.people.models import User


class CannotBlock(Unprocessable):
    code = "cannot_block"


class TooManyBlocks(Conflict):
    code = "too_many_blocks"


def block(*, person: User, name: str, at: datetime) -> Block:
    """Keep the person apart from whoever has this name, whether or not anybody has.

    Blocking again changes nothing. Whom it hits is not told.
    """
    kept = User.normalize_username(name)
    if not kept or len(kept) > 40 or "\0" in kept:
        raise CannotBlock(_("Give the name of a person."), fields={"name": _("Not a name.")})
    if kept == person.username:
        raise CannotBlock(_("This is your own name."), fields={"name": _("Your own.")})
    bound = Bound(LIMITS.blocks_an_hour, 3600)
    count(f"block:{person.pk}", bound, at=at).check(
        TooMany, _("You blocked very many names just now.")
    )
    with transaction.atomic():
        found = User.objects.filter(username=kept, erased_at=None).first()
        made, _is_new = Block.objects.get_or_create(
            person=person, name=kept, defaults={"blocked": found, "made_at": at}
        )
        used = Block.objects.filter(person=person).count()
        if used > LIMITS.blocks_per_person:
            raise TooManyBlocks(
                _("You block as many names as one person may."),
                limit=LIMITS.blocks_per_person,
                used=used - 1,
                way_on=_("Unblock one that you no longer mind."),
            )
    return made


def unblock(*, person: User, name: str) -> bool:
    """Let them hear from each other again; False when the name was not blocked."""
    mine = Block.objects.filter(person=person, name=User.normalize_username(name))
    return bool(mine.delete()[0])
