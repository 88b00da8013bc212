"""Going on with a shared chat: an own chat that begins with what was shared."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from atrium.chat.copies import gone, turns_in
from atrium.chat.models import Chat, Citation, Fork, SharedCopy, SharedTurn, Turn
from atrium.kit.errors import TooMany
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.people.attempts import Bound, count
from atrium.people.caller import Caller


class TooManyForks(TooMany):
    code = "too_many_forks"


def fork(*, copy: SharedCopy, by: Caller, key: str = "", at: datetime) -> Chat:
    """Begin a chat of the caller's with what was shared; the same ``key`` begins one and the same.

    What is asked in it is the caller's to pay. Files that were shared stay with the copy.

    :raises CopyIsGone: when the copy ended this moment
    :raises TooManyForks: when the caller went on with very many today
    """
    named = uuid5(NAMESPACE_URL, f"{by.audience}/forks/{copy.pk}/{key}") if key else new_id()
    known = Chat.objects.of(by).filter(pk=named).first()
    if known:
        return known  # type: ignore[no-any-return]
    count(f"fork:{by.audience}", Bound(LIMITS.forks_a_day, 86_400), at=at).check(
        TooManyForks, _("You went on with very many shared chats today.")
    )
    with transaction.atomic():
        # A revoke waits for us, or we find it done.
        open_ones = SharedCopy.objects.unrevoked().filter(pk=copy.pk, hidden_at=None)
        if not open_ones.update(forks=F("forks") + 1):
            raise gone()
        made = {
            **by.as_owner(),
            "title": copy.title,
            "renamed_at": at if copy.title else None,
            "made_at": at,
            "touched_at": at,
        }
        chat, is_new = Chat.objects.get_or_create(pk=named, defaults=made)
        if is_new:
            _fill(chat, turns_in(copy), by=by, at=at)
            Fork.objects.create(chat=chat, copy=copy, made_at=at)
    return chat


def _fill(chat: Chat, shared: Sequence[SharedTurn], *, by: Caller, at: datetime) -> None:
    if not shared:
        raise gone()
    turns: list[Turn] = []
    parent: UUID | None = None
    for one in shared:
        turns.append(
            Turn(
                pk=new_id(),
                chat=chat,
                parent_id=parent,
                role=Turn.Role.ANSWERED if one.is_answer else Turn.Role.ASKED,
                text=one.text,
                tokens=one.tokens,
                elsewhere=(one.speaker[:120] or _("Answer")) if one.is_answer else "",
                made_at=at,
                ended_at=at,
                **by.as_owner(),
            )
        )
        parent = turns[-1].pk
    Turn.objects.bulk_create(turns, batch_size=200)
    Citation.objects.bulk_create(
        (
            Citation(turn=turn, **source)
            for one, turn in zip(shared, turns, strict=True)
            for source in one.sources
            if source["title"]
        ),
        batch_size=200,
    )
