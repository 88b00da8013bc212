"""Who may do what in a chat, who hears of it, and who pays: nothing else decides that."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.chat.models import Chat, Collaborator, Turn
from atrium.chat.models.turn import Asker
from atrium.events.actions import tell_all
from atrium.kit.errors import NotAllowed, NotFound
from atrium.metering.models import Receipt
from atrium.metering.payer import Payer
from atrium.metering.queries import tokens_used
from atrium.people.access import is_anonymous, shown_name
from atrium.people.caller import NOBODY, Caller
from atrium.people.models import User

MOVED = "moved"
"""Rung when somebody else than before hears of a chat."""


class Right(IntEnum):
    """What somebody may do in a chat; each has what those before it have."""

    VIEW = 1
    EDIT = 2
    OWN = 3


class OnlyReading(NotAllowed):
    """Who takes part may read this chat, and not write in it."""

    code = "only_reading"


class OnlyTheOwner(NotAllowed):
    """What only the owner of a chat may do."""

    code = "only_the_owner"


def right_in(chat: Chat, caller: Caller) -> Right | None:
    """Return what the caller may do in this chat, as its row was read; None if not even see it."""
    if is_owner(chat, caller):
        return Right.OWN
    if caller.person is None or chat.deleted_at:
        return None
    taken = Collaborator.objects.taking_part().filter(chat=chat.pk, person=caller.person).first()
    if taken is None:
        return None
    return Right.EDIT if taken.may_edit else Right.VIEW


def is_owner(chat: Chat, caller: Caller) -> bool:
    if caller.person:
        return chat.person_id == caller.person.pk
    return bool(caller.guest and chat.person_id is None and chat.guest_id == caller.guest.pk)


def insist(chat: Chat, caller: Caller, right: Right) -> None:
    """See that the caller may do that much here, whatever a page showed them before.

    :raises NotFound: when they may not even see it
    :raises OnlyReading: when they may see it, and no more
    :raises OnlyTheOwner: when it is the owner's to do
    """
    found = right_in(chat, caller)
    if found is None:
        raise NotFound(_("This chat is not there any more."))
    if found >= right:
        return
    if right == Right.OWN:
        raise OnlyTheOwner(_("Only the owner of this chat may do that."))
    raise OnlyReading(
        _("You may read this chat, and not write in it."),
        way_on=_("Its owner can let you write."),
    )


def seen_by(caller: Caller, chat: Chat) -> Chat:
    """Have the chat say what the caller may do in it, and keep to itself what is its owner's.

    Where its owner keeps it (folder, pin) is nobody else's business.
    """
    right = right_in(chat, caller)
    chat.is_own, chat.may_edit = right == Right.OWN, right is not None and right >= Right.EDIT
    ever = chat.collaborators.exclude(answered_at=None).exclude(state=Collaborator.State.DECLINED)
    chat.has_others = not chat.is_own or ever.exists()
    chat.seen_as = caller
    if not chat.is_own:
        chat.folder, chat.pinned_at = None, None
    return chat


def say_who_asked(chat: Chat, turns: Sequence[Turn]) -> None:
    """Where others take part, have each question say who asked it, and receipts only be seen by
    who asked or paid."""
    if not chat.has_others or chat.seen_as is None:
        return
    for turn in turns:
        if not turn.is_answer:
            turn.asker = asker_of(turn.person, chat.seen_as)
        elif turn.receipt and not _is_theirs(turn.receipt, chat.seen_as):
            turn.receipt = None


def asker_of(person: User | None, caller: Caller = NOBODY) -> Asker:
    """Return a person as everybody in a chat sees them."""
    if person is None:
        return Asker(_("Somebody who left"), "", is_you=False)
    who = Caller(person=person)
    portrait = "" if is_anonymous(who) else person.portrait_url
    return Asker(shown_name(who), portrait, is_you=who.audience == caller.audience)


def _is_theirs(receipt: Receipt, caller: Caller) -> bool:
    asked = caller.person is not None and receipt.person_id == caller.person.pk
    return asked or receipt.paid_by == caller.audience


def audiences_in(chat: Chat) -> list[str]:
    """Return the streams of everybody who takes part in the chat now, its owner's first."""
    return audiences_by_chat([chat])[chat.pk]


def audiences_by_chat(chats: Collection[Chat]) -> dict[UUID, list[str]]:
    """Return the streams of everybody who takes part in each of the chats now."""
    told = {chat.pk: [chat.audience] for chat in chats}
    shared = [chat.pk for chat in chats if chat.deleted_at is None]
    taking = Collaborator.objects.taking_part().filter(chat__in=shared)
    for chat_id, person_id in taking.order_by("id").values_list("chat", "person"):
        told[chat_id].append(f"person:{person_id}")
    return told


def audiences_of(answer_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Say who hears each answer grow by now."""
    answers = Turn.objects.filter(pk__in=answer_ids).select_related("chat")
    chat_of = {answer.pk: answer.chat for answer in answers}
    found = audiences_by_chat(list(chat_of.values()))
    return {answer_id: found[chat.pk] for answer_id, chat in chat_of.items()}


def tell_everybody(chat: Chat, kind: str, told: dict[str, Any], *, at: datetime) -> None:
    """Tell all who take part in the chat; last in a transaction that wrote the chat's row."""
    tell_all(audiences_in(chat), kind, {"chat": str(chat.pk), **told}, at=at)


class WhoPays(NamedTuple):
    """For how many tokens of others' questions the owner pays, and how many are used; None when
    each pays what they ask."""

    tokens: int | None
    is_monthly: bool
    used: int | None

    @property
    def left(self) -> int | None:
        return None if self.tokens is None else max(0, self.tokens - (self.used or 0))


def who_pays(chat: Chat, *, at: datetime) -> WhoPays:
    """Say who pays for what others ask in the chat."""
    if chat.treat_tokens is None:
        return WhoPays(None, is_monthly=False, used=None)
    used = tokens_used(_share_of(chat, at))
    return WhoPays(chat.treat_tokens, is_monthly=chat.treat_is_monthly, used=used)


def payer_of(chat: Chat, by: Caller, *, at: datetime) -> Payer | None:
    """Return who pays for what the caller asks here, where that is the chat's owner instead."""
    if chat.treat_tokens is None or chat.person is None or is_owner(chat, by):
        return None
    return Payer(
        caller=Caller(person=chat.person),
        share=_share_of(chat, at),
        most_tokens=chat.treat_tokens,
    )


def _share_of(chat: Chat, at: datetime) -> str:
    return f"chat:{chat.pk}:{at:%Y-%m}" if chat.treat_is_monthly else f"chat:{chat.pk}"
