"""Asking others into a chat, their answer, and their going.

Each of these writes the chat's row first, so that of two at once in one chat the second finds what
the first did.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from atrium.chat import access
from atrium.chat.access import Right
from atrium.chat.invited import invitation_of, invitations_of, is_of, whom
from atrium.chat.models import Chat, Collaborator
from atrium.events.actions import tell_all
from atrium.kit.bell import ring
from atrium.kit.errors import Conflict, NotAllowed, NotFound, TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.moderation.access import blocked_between
from atrium.notifications.actions import notify
from atrium.people.access import shown_name
from atrium.people.attempts import Bound, count
from atrium.people.caller import Caller
from atrium.people.models import User

LONGEST_NAME = 254
_DAY = 86_400


class CannotInvite(Unprocessable):
    """Nobody can be meant by that, or one oneself."""

    code = "cannot_invite"


class OnlyMembersInvite(NotAllowed):
    """Guests have a chat for themselves."""

    code = "only_members_invite"


class TooManyPeople(Unprocessable):
    """As many as one chat has are asked already."""

    code = "too_many_people"


class TooManyAsked(TooMany):
    """One person invites so often in a day."""

    code = "too_many_invited"


class TakesPartAlready(Conflict):
    """Who is meant is in the chat."""

    code = "takes_part_already"


class CannotTreat(Unprocessable):
    """No number of tokens that somebody could pay for."""

    code = "cannot_treat"


class InvitationGone(NotFound):
    """Taken back, or answered already."""

    code = "invitation_gone"


def invite(
    *, by: Caller, chat: Chat, asked_for: str, role: Collaborator.Role, at: datetime
) -> Collaborator:
    """Ask somebody into the chat: who has this name, or who confirmed this mail address.

    Whether anybody has is not told, nor whether they hear of it: who blocks or is blocked does not.
    The same asked again while it stands changes what they may do, and nothing else.

    :raises OnlyMembersInvite: by a guest
    :raises CannotInvite: what is no name and no address, or one's own
    :raises TooManyPeople: when as many as a chat has are asked
    :raises TooManyAsked: when one person asked as many as they may in a day
    """
    owner = by.person
    if owner is None:
        raise OnlyMembersInvite(_("Sign up to invite others."), link="/sign-up")
    meant = _named(asked_for)
    if is_of(owner, meant):
        raise CannotInvite(_("That is you."), fields={"whom": _("Your own.")})
    _count(owner, at=at)
    with transaction.atomic():
        _hold(chat, by, Right.OWN)
        known = chat.collaborators.standing().filter(asked_for=meant).first()
        if known:
            return change_role(by=by, collaborator=known, role=role, at=at)
        return _invited(owner, chat, meant, role, at)


@transaction.atomic
def accept(*, by: Caller, collaborator: Collaborator, at: datetime) -> Collaborator:
    """Take part in the chat from now on; a second time changes nothing.

    :raises InvitationGone: when it was taken back, or is not the caller's to answer
    """
    chat = collaborator.chat
    _wait_for(chat)
    mine = Collaborator.objects.taking_part().filter(chat=chat, person=by.person)
    if mine.filter(pk=collaborator.pk).exists():
        return collaborator
    if (found := invitation_of(by, collaborator.pk)) is None or by.person is None:
        raise _gone()
    taking: Collaborator | None = mine.first()
    if taking:
        _end(found, Collaborator.State.DECLINED, at=at)
        return taking
    found.person, found.state, found.answered_at = by.person, Collaborator.State.JOINED, at
    found.save(update_fields=["person", "state", "answered_at"])
    others = invitations_of(by).filter(chat=chat).values("pk")
    Collaborator.objects.filter(pk__in=others).update(
        state=Collaborator.State.DECLINED, answered_at=at, ended_at=at
    )
    access.tell_everybody(chat, "chat.people", {}, at=at)
    ring(access.MOVED)
    _notify_owner(chat, "chat.accepted", by.person, at=at)
    return found


@transaction.atomic
def decline(*, by: Caller, collaborator: Collaborator, at: datetime) -> bool:
    """Say no to an invitation; the owner sees it, and may ask again.

    :raises InvitationGone: when it was taken back, or is not the caller's to answer
    """
    _wait_for(collaborator.chat)
    if (found := invitation_of(by, collaborator.pk)) is None:
        raise _gone()
    _end(found, Collaborator.State.DECLINED, at=at)
    access.tell_everybody(collaborator.chat, "chat.people", {}, at=at)
    return True


@transaction.atomic
def change_role(
    *, by: Caller, collaborator: Collaborator, role: Collaborator.Role, at: datetime
) -> Collaborator:
    """Let somebody write in the chat, or only read it; it holds from their next question on.

    :raises InvitationGone: when they are not asked any more
    """
    chat = collaborator.chat
    _hold(chat, by, Right.OWN)
    rows = Collaborator.objects.standing().filter(pk=collaborator.pk)
    changed = rows.exclude(role=role).update(role=role)
    found: Collaborator | None = rows.select_related("chat", "person").first()
    if found is None:
        raise _gone()
    if changed:
        access.tell_everybody(chat, "chat.people", {}, at=at)
    return found


@transaction.atomic
def remove(*, by: Caller, collaborator: Collaborator, at: datetime) -> bool:
    """Take an invitation back, or end that somebody takes part; False when it had ended.

    What is being written in the chat reaches them no longer, and their pages say so.
    """
    chat = collaborator.chat
    _hold(chat, by, Right.OWN)
    found = Collaborator.objects.standing().filter(pk=collaborator.pk).first()
    if found is None:
        return False
    took_part = found.takes_part
    _end(found, Collaborator.State.REMOVED, at=at)
    _say_gone(chat, found, at=at)
    if took_part and found.person:
        params = {"title": chat.title, "by": shown_name(chat)}
        notify(person=found.person, kind="chat.removed", params=params, at=at)
    return True


@transaction.atomic
def leave(*, by: Caller, chat: Chat, at: datetime) -> bool:
    """Take part no longer; False for who did not. What they said stays."""
    _wait_for(chat)
    found = Collaborator.objects.taking_part().filter(chat=chat, person=by.person).first()
    if found is None:
        return False
    _end(found, Collaborator.State.LEFT, at=at)
    _say_gone(chat, found, at=at)
    return True


@transaction.atomic
def set_treat(
    *, by: Caller, chat: Chat, tokens: int | None, is_monthly: bool = False, at: datetime
) -> Chat:
    """Say who pays for what others ask: they themselves, or with ``tokens`` the owner up to those.

    :raises CannotTreat: for a number that is none, or too large
    """
    if tokens is not None and not 1 <= tokens <= LIMITS.treat_tokens:
        raise CannotTreat(_("Say a number of tokens."), fields={"tokens": _("At least one.")})
    _hold(chat, by, Right.OWN)
    rule: dict[str, Any] = {"treat_tokens": tokens, "treat_is_monthly": is_monthly}
    if Chat.objects.filter(pk=chat.pk).exclude(**rule).update(**rule):
        access.tell_everybody(chat, "chat.people", {}, at=at)
    chat.refresh_from_db()
    return chat


def _named(asked_for: str) -> str:
    """Return the name or the address as it is kept."""
    said = asked_for.strip()
    if said.startswith("@"):
        said = said[1:]
    said = said.lower() if "@" in said else User.normalize_username(said)
    is_odd = any(mark.isspace() or not mark.isprintable() for mark in said)
    before, _at, after = said.rpartition("@")
    if not said or len(said) > LONGEST_NAME or is_odd or ("@" in said and not (before and after)):
        raise CannotInvite(_("Give a name, or a mail address."), fields={"whom": _("Not a name.")})
    return said


def _count(owner: User, *, at: datetime) -> None:
    bound = Bound(LIMITS.chat_invitations_per_day, _DAY)
    count(f"chat.invite:{owner.pk}", bound, at=at).check(
        TooManyAsked, _("You invited as many as one person may in a day.")
    )


def _invited(
    owner: User, chat: Chat, asked_for: str, role: Collaborator.Role, at: datetime
) -> Collaborator:
    most = LIMITS.collaborators
    if (used := chat.collaborators.standing().count()) >= most:
        raise TooManyPeople(
            _("A chat is shared with at most %(limit)d people.") % {"limit": most},
            limit=most,
            used=used,
            way_on=_("Remove one of them first."),
        )
    person = whom(asked_for)
    is_mail = "@" in asked_for
    if person and not is_mail and chat.collaborators.taking_part().filter(person=person).exists():
        raise TakesPartAlready(_("They take part already."))
    made: Collaborator = Collaborator.objects.create(
        chat=chat,
        asked_for=asked_for,
        person=None if is_mail else person,
        role=role,
        added_by=owner,
        added_at=at,
    )
    heard = person if person and not blocked_between(owner, person) else None
    told = [*access.audiences_in(chat), *([f"person:{heard.pk}"] if heard else [])]
    tell_all(told, "chat.people", {"chat": str(chat.pk)}, at=at)
    if heard:
        params = {"title": chat.title, "by": shown_name(chat)}
        notify(person=heard, kind="chat.invited", params=params, url=reverse("chat:with_me"), at=at)
    return made


def _hold(chat: Chat, by: Caller, right: Right) -> None:
    """Make whatever else changes who takes part wait, and see that the caller may do that."""
    _wait_for(chat)
    chat.refresh_from_db()
    access.insist(chat, by, right)


def _wait_for(chat: Chat) -> None:
    if not Chat.objects.filter(pk=chat.pk, deleted_at=None).update(deleted_at=None):
        raise NotFound(_("This chat is not there any more."))


def _end(found: Collaborator, state: Collaborator.State, *, at: datetime) -> None:
    found.state, found.ended_at = state, at
    found.answered_at = found.answered_at or (at if state == state.DECLINED else None)
    found.save(update_fields=["state", "ended_at", "answered_at"])


def _say_gone(chat: Chat, found: Collaborator, *, at: datetime) -> None:
    """Tell who stays, and who is gone; what is being written is theirs to hear no longer."""
    gone = [f"person:{found.person_id}"] if found.person_id else []
    tell_all([*access.audiences_in(chat), *gone], "chat.people", {"chat": str(chat.pk)}, at=at)
    ring(access.MOVED)


def _notify_owner(chat: Chat, kind: str, who: User, *, at: datetime) -> None:
    if chat.person:
        params = {"title": chat.title, "by": shown_name(Caller(person=who))}
        url = reverse("chat:people", args=[chat.pk])
        notify(person=chat.person, kind=kind, params=params, url=url, at=at)


def _gone() -> InvitationGone:
    return InvitationGone(_("This invitation is not there any more."))
