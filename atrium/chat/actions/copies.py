"""Sharing a copy of a chat: what stands in it now, frozen, for whoever has the link."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from atrium.chat.actions.turns import StillWriting
from atrium.chat.branches import end_of, in_order, way_up
from atrium.chat.copies import KIND, may_be_listed, may_be_shared
from atrium.chat.models import Chat, Citation, SharedCopy, SharedFile, SharedTurn, Turn
from atrium.kit.errors import NotAllowed, NotFound, TooLarge, TooMany, Unprocessable
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import seal
from atrium.kit.tokens import digest, mint
from atrium.people.caller import Caller
from atrium.people.models import User
from atrium.sources.models import Document

LASTS = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "never": None,
}
KEPT_AFTER_EXPIRY = timedelta(days=30)
_ENDED_AT_ONCE = 500
_SHORTEST_NAME = 3


class NothingToShare(Unprocessable):
    code = "nothing_to_share"


class CannotBeShared(NotAllowed):
    code = "cannot_be_shared"


class TooLongToShare(TooLarge):
    code = "too_long_to_share"


class TooManyCopies(TooMany):
    code = "too_many_shared_copies"


class NoSuchFileInChat(NotFound):
    code = "file_not_in_chat"


def share_chat(
    *,
    chat: Chat,
    by: Caller,
    lasts: str = "never",
    is_listed: bool = False,
    documents: Collection[UUID] = (),
    at: datetime,
) -> SharedCopy:
    """Share what stands in the chat now; shared before, the same link leads to this from now on.

    Only the branch that is shown goes along, and of the files those that are named.

    :raises CannotBeShared: when it is not the caller's, or the operator or moderators forbid it
    :raises NothingToShare: while nothing was said
    :raises StillWriting: while an answer is being written
    """
    person = _check_may(chat, by, is_listed=is_listed)
    if lasts not in LASTS:
        raise Unprocessable(
            _("Say how long it is shared."), fields={"lasts": _("Choose one of the list.")}
        )
    period = LASTS[lasts]
    told = {
        "title": chat.title,
        "is_listed": is_listed,
        "frozen_at": at,
        "expires_at": at + period if period else None,
    }
    with transaction.atomic():
        turns, chosen = _turns(chat), _documents(chat, by, documents)
        copy = _opened(chat, person, told)
        # The row is written first: whoever shares, revokes or forks this copy waits for us.
        if not SharedCopy.objects.unrevoked().filter(pk=copy.pk).update(**told):
            copy = _opened(chat, person, told)
        _freeze(copy, turns, chosen, all_names=_names(chat))
    copy.refresh_from_db()
    return copy


def revoke_copy(*, copy: SharedCopy, at: datetime) -> bool:
    """End a copy at once: its link says so, and nothing of what was shared is kept."""
    return bool(_revoke(SharedCopy.objects.filter(pk=copy.pk), at=at))


def revoke_all_copies(*, by: Caller, at: datetime) -> int:
    """End all copies that the caller shares; return how many."""
    return _revoke(SharedCopy.objects.visible_to(by), at=at)


def end_expired_copies(*, at: datetime) -> int:
    """Remove what expired long ago and was not shared again; return how many copies."""
    old = SharedCopy.objects.unrevoked().filter(expires_at__lt=at - KEPT_AFTER_EXPIRY)
    chosen = list(old.order_by("expires_at").values_list("pk", flat=True)[:_ENDED_AT_ONCE])
    return _revoke(SharedCopy.objects.filter(pk__in=chosen), at=at)


def note_view(*, copy: SharedCopy, by: Caller) -> None:
    """Count that somebody opened the copy; who it was is kept nowhere."""
    if by.person is None or by.person.pk != copy.person_id:
        SharedCopy.objects.filter(pk=copy.pk).update(views=F("views") + 1)


@transaction.atomic
def _revoke(copies: Any, *, at: datetime) -> int:
    chosen = list(copies.unrevoked().values_list("pk", flat=True))
    every = SharedCopy.objects.filter(pk__in=chosen)
    revoked: int = every.unrevoked().update(revoked_at=at, title="")
    SharedTurn.objects.filter(copy__in=chosen).delete()
    SharedFile.objects.filter(copy__in=chosen).delete()
    return revoked


def _check_may(chat: Chat, by: Caller, *, is_listed: bool) -> User:
    person = by.person
    if person is None or chat.person_id != person.pk:
        raise CannotBeShared(_("Only whose chat it is may share it."))
    if not may_be_shared():
        raise CannotBeShared(_("Chats are not shared in this house."))
    if is_listed and not may_be_listed():
        raise CannotBeShared(_("There is no public list in this house."))
    # Not by revoking and sharing anew either.
    if SharedCopy.objects.filter(chat=chat).exclude(hidden_at=None).exists():
        raise CannotBeShared(_("The moderators hid a copy of this chat. You may appeal."))
    mine = SharedCopy.objects.visible_to(by).unrevoked()
    most = LIMITS.shared_copies_per_person
    if mine.exclude(chat=chat).count() >= most:
        raise TooManyCopies(
            _("You share %(limit)d chats already.") % {"limit": most},
            limit=most,
            way_on=_("Stop sharing one first."),
        )
    return person


def _opened(chat: Chat, person: User, told: dict[str, Any]) -> SharedCopy:
    token, pk = mint(KIND), new_id()
    fresh = SharedCopy(pk=pk)
    copy, _is_new = SharedCopy.objects.get_or_create(
        chat=chat,
        revoked_at=None,
        defaults={
            **told,
            "pk": pk,
            "person": person,
            "digest": digest(token),
            "sealed_token": seal(token, fresh.token_purpose),
            "made_at": told["frozen_at"],
        },
    )
    return copy


def _turns(chat: Chat) -> list[Turn]:
    """Return what the branch that is shown says, as far as anybody may see it."""
    if chat.turns.filter(state=Turn.State.WRITING).exists():
        raise StillWriting(
            _("An answer is still being written."), way_on=_("Wait for it, or stop it.")
        )
    most = LIMITS.shared_turns
    ids = [step.turn for step in way_up(chat, end_of(chat), most=most + 1)][::-1]
    if len(ids) > most:
        raise TooLongToShare(
            _("At most %(limit)d questions and answers are shared at once.") % {"limit": most},
            limit=most,
        )
    found = chat.turns.filter(pk__in=ids, hidden_at=None).exclude(text="")
    turns = in_order(found.select_related("model").prefetch_related("citations__passage"), ids)
    if not turns:
        raise NothingToShare(_("Nothing was said in this chat yet."))
    return turns


def _documents(chat: Chat, by: Caller, wanted: Collection[UUID]) -> list[Document]:
    """Return the files that go along: such as the chat quotes, and the caller owns."""
    own = Document.objects.of(by).filter(pk__in=chat.attachments.values("document"))
    found = list(own.filter(pk__in=wanted).select_related("file").order_by("made_at"))
    if len(found) != len(set(wanted)):
        raise NoSuchFileInChat(_("A file that you chose is not in this chat."))
    return found


def _names(chat: Chat) -> dict[UUID, set[str]]:
    """Return what each file of the chat is called."""
    every = Document.objects.filter(pk__in=chat.attachments.values("document"))
    return {one.pk: {one.title, one.file.name} for one in every.select_related("file")}


def _freeze(
    copy: SharedCopy,
    turns: Sequence[Turn],
    chosen: Sequence[Document],
    *,
    all_names: dict[UUID, set[str]],
) -> None:
    SharedTurn.objects.filter(copy=copy).delete()
    SharedFile.objects.filter(copy=copy).delete()
    shared = {one.pk for one in chosen}
    cited = {one.title for turn in turns for one in turn.citations.all() if not _of(one, shared)}
    spoken = set[str]().union(*(names for pk, names in all_names.items() if pk in shared))
    hidden = cited.union(*(names for pk, names in all_names.items() if pk not in shared)) - spoken
    unnamed = _unnamer(hidden)
    SharedTurn.objects.bulk_create(
        [
            SharedTurn(
                copy=copy,
                turn=turn,
                number=number,
                is_answer=turn.is_answer,
                speaker=turn.speaker if turn.is_answer else "",
                text=unnamed(turn.text) if turn.is_answer else turn.text,
                tokens=turn.tokens,
                sources=[_source(one, is_shared=_of(one, shared)) for one in turn.citations.all()],
            )
            for number, turn in enumerate(turns, start=1)
        ],
        batch_size=200,
    )
    SharedFile.objects.bulk_create(
        SharedFile(copy=copy, document=one, number=number, title=one.title)
        for number, one in enumerate(chosen, start=1)
    )


def _of(citation: Citation, shared: Collection[UUID]) -> bool:
    """Whether it quotes one of these files, or the handbook, which everybody reads."""
    if citation.handbook:
        return True
    return citation.passage is not None and citation.passage.document_id in shared


def _source(citation: Citation, *, is_shared: bool) -> dict[str, Any]:
    return {
        "number": citation.number,
        "title": citation.title if is_shared else "",
        "place": citation.place if is_shared else "",
        "words": citation.words if is_shared else "",
        "found": citation.found,
        "handbook": citation.handbook,
    }


def _unnamer(names: Iterable[str]) -> Any:
    """Return what takes these names of files out of an answer: Reader says where it quotes."""
    worth = sorted((one for one in names if len(one) >= _SHORTEST_NAME), key=len, reverse=True)
    if not worth:
        return lambda text: text
    instead = _("a file that is not shared")
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, worth))})(?!\w)")
    return lambda text: pattern.sub(lambda _found: instead, text)
