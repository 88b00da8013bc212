from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit import tokens
from atrium.kit.errors import Conflict, Gone, NotAllowed, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.options.queries import value
from atrium.people.access import may_invite
from atrium.people.caller import Caller
from atrium.people.models import Invitation, User

TOKEN = "invite"  # noqa: S105


class InvitationSpent(Gone):
    """Used up, expired or taken back; or who made it may not invite any more."""

    code = "invitation_spent"

    def __init__(self) -> None:
        super().__init__(
            _("This invitation does not work any more."),
            way_on=_("Ask whoever sent it for a new one."),
        )


class NoInvitations(NotAllowed):
    code = "no_invitations"


class TooManyInvitations(Conflict):
    code = "too_many_invitations"


class BadInvitation(Unprocessable):
    code = "bad_invitation"


def invite(
    *,
    by: Caller,
    uses: int = 1,
    days: int = 14,
    for_email: str = "",
    role: str = User.Role.USER,
    staff_areas: Iterable[str] = (),
    note_to_self: str = "",
    mail_it: bool = False,
    at: datetime,
) -> tuple[Invitation, str]:
    """Make an invitation, and return with it the address to hand on, shown this once.

    With ``mail_it`` a letter goes to ``for_email``, whose own link also proves that address.

    :raises NoInvitations: by who may not invite, or not with such a role
    :raises TooManyInvitations: a member has as many open as the operator allows
    :raises BadInvitation: it would let in nobody
    """
    made_by, areas = by.person, sorted(set(staff_areas))
    if made_by is None or not may_invite(by):
        raise NoInvitations(_("You cannot invite people here."))
    if (role != User.Role.USER or areas) and not by.is_admin:
        raise NoInvitations(_("Only an administrator invites to a role."))
    _check(uses=uses, days=days, for_email=for_email, role=role, areas=areas, mail_it=mail_it)
    token = tokens.mint(TOKEN)
    with transaction.atomic():
        if not by.is_admin:
            _check_share(made_by, uses=uses, at=at)
        made = Invitation.objects.create(
            made_by=made_by,
            made_at=at,
            expires_at=at + timedelta(days=days),
            token_hash=tokens.digest(token),
            for_email=for_email.strip().lower(),
            role=role,
            staff_areas=areas,
            uses=uses,
            uses_left=uses,
            note=note_to_self.strip()[:200],
        )
        if mail_it:
            enqueue("people.mail_invitation", invitation_id=made.pk, owner=by.audience, at=at)
        told = {"uses": uses, "role": role, "staff_areas": areas, "is_mailed": mail_it}
        note("people.invited", by=by.audience, about=("invitation", made.pk), detail=told, at=at)
    return made, f"{settings.PUBLIC_ADDRESS}{path_for(token)}"


def revoke_invitation(*, invitation: Invitation, by: str, at: datetime) -> None:
    """Take an invitation back; who came by it stays. A second time changes nothing."""
    with transaction.atomic():
        if Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=at):
            note("people.invitation_revoked", by=by, about=("invitation", invitation.pk), at=at)


def use_invitation(*, invitation: Invitation, at: datetime) -> None:
    """Take one use off, in the transaction that makes the account.

    :raises InvitationSpent: somebody else took the last one
    """
    usable = Invitation.objects.usable(at=at).filter(pk=invitation.pk).values("pk")
    if not Invitation.objects.filter(pk__in=usable, uses_left__gt=0, revoked_at=None).update(
        uses_left=F("uses_left") - 1
    ):
        raise InvitationSpent


def path_for_letter(*, invitation: Invitation, at: datetime) -> str:
    """Return a fresh path for the letter; the one mailed before it works no longer."""
    token = tokens.mint(TOKEN)
    Invitation.objects.filter(pk=invitation.pk).update(
        mailed_token_hash=tokens.digest(token), mailed_at=at
    )
    return path_for(token)


def path_for(token: str) -> str:
    return f"/join/{token}"


def _check(
    *, uses: int, days: int, for_email: str, role: str, areas: list[str], mail_it: bool
) -> None:
    if not 1 <= uses <= LIMITS.invitation_uses or not 1 <= days <= LIMITS.invitation_days:
        raise BadInvitation(
            _("An invitation works at most {uses} times and {days} days.").format(
                uses=LIMITS.invitation_uses, days=LIMITS.invitation_days
            )
        )
    if for_email and uses != 1:
        reason = _("An invitation to one address works once.")
        raise BadInvitation(reason, fields={"uses": reason})
    if mail_it and not for_email:
        reason = _("Say to which address the letter goes.")
        raise BadInvitation(reason, fields={"for_email": reason})
    if role not in User.Role.values or set(areas) - set(User.STAFF_AREAS):
        raise BadInvitation(_("There is no such role or area."))


def _check_share(person: User, *, uses: int, at: datetime) -> None:
    """Keep a member within the number that the operator allows, two requests at once included."""
    allowed = value("people.members_invite")
    User.objects.filter(pk=person.pk).update(username=person.username)  # the lock: RULES 2
    open_ones = Invitation.objects.filter(made_by=person, revoked_at=None, expires_at__gt=at)
    given = sum(open_ones.values_list("uses", flat=True))
    if given + uses > allowed:
        raise TooManyInvitations(
            ngettext(
                "You may have {n} invitation out at a time.",
                "You may have {n} invitations out at a time.",
                allowed,
            ).format(n=allowed),
            limit=allowed,
            used=given,
            way_on=_("Take one back, or wait until one expires."),
        )
