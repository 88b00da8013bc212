"""Who may have an account here, and who has to wait for it: one way for every door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.events.registry import record
from atrium.kit.errors import Conflict, NotAllowed, Unprocessable
from atrium.options.queries import value
from atrium.people import options
from atrium.people.actions.invitations import InvitationSpent, use_invitation
from atrium.people.actions.terms import accept_terms, check_accepted
from atrium.people.events import AccountWaits, JoiningDecided
from atrium.people.models import Invitation, Joining, User


class SignUpClosed(NotAllowed):
    """Accounts are made by invitation here, and there is none."""

    code = "sign_up_by_invitation"

    def __init__(self) -> None:
        super().__init__(
            _("Accounts are made by invitation here."),
            way_on=_("Open the link of your invitation, or ask the people who run this for one."),
        )


class AddressNotOurs(Unprocessable):
    code = "address_not_ours"


class AlreadyDecided(Conflict):
    code = "already_decided"


@dataclass(frozen=True, slots=True)
class Welcome:
    """How somebody may come in: by which invitation, and what the account waits for."""

    invitation: Invitation | None = None
    waits_for: str = Joining.WaitsFor.NOTHING


def check_may_join(
    *,
    email: str = "",
    is_confirmed: bool = False,
    invitation_id: UUID | None = None,
    at: datetime,
) -> Welcome:
    """Return how whoever asks may have an account.

    :param is_confirmed: whether somebody we believe says that the address is theirs
    :param invitation_id: of the invitation whose link was opened
    :raises SignUpClosed: accounts are by invitation, and there is none
    :raises InvitationSpent: there was one, and it works no longer
    :raises AddressNotOurs: the address is of no domain that may join
    """
    policy = value("people.sign_up")
    if invitation_id:
        found = Invitation.objects.usable(at=at).filter(pk=invitation_id).first()
        if found:
            return Welcome(invitation=found)
        if policy != options.OPEN:
            raise InvitationSpent
    if policy == options.INVITATION:
        raise SignUpClosed
    if policy == options.APPROVAL:
        return Welcome(waits_for=Joining.WaitsFor.APPROVAL)
    if policy == options.DOMAIN:
        _check_domain(email)
        return Welcome(waits_for="" if is_confirmed else Joining.WaitsFor.ADDRESS)
    return Welcome()


def join(
    person: User, *, welcome: Welcome, terms: Iterable[UUID] = (), region: str = "", at: datetime
) -> None:
    """Do to a new account what its way in says, in the transaction that makes it.

    :param terms: the versions that the person agreed to
    """
    if welcome.invitation:
        _come_invited(person, welcome.invitation, at=at)
    elif welcome.waits_for:
        User.objects.filter(pk=person.pk).update(waits_since=at)
        person.waits_since = at
        Joining.objects.create(person=person, waits_for=welcome.waits_for, asked_at=at)
        if welcome.waits_for == Joining.WaitsFor.APPROVAL:
            record(AccountWaits(person_id=person.pk), at=at)
    accept_terms(person=person, versions=terms, region=region, at=at)


def check_terms(terms: Iterable[UUID]) -> None:
    """:raises TermsNotAccepted: when something in force was not agreed to"""
    check_accepted(terms)


def approve(*, joining: Joining, sentence: str = "", by: str, at: datetime) -> None:
    """Open an account that waits for an administrator; one that was declined, too."""
    with transaction.atomic():
        rows = Joining.objects.filter(pk=joining.pk, waits_for=Joining.WaitsFor.APPROVAL)
        decided = {"decided_at": at, "decided_by": by, "sentence": sentence[:300]}
        if not rows.update(is_declined=False, waits_for="", **decided):
            raise AlreadyDecided(_("This account does not wait any more."))
        _open(joining.person, sentence=sentence, by=by, at=at)


def decline(*, joining: Joining, sentence: str, by: str, at: datetime) -> None:
    """Leave an account closed, and tell the person why; it may still be approved later."""
    with transaction.atomic():
        rows = Joining.objects.filter(
            pk=joining.pk, waits_for=Joining.WaitsFor.APPROVAL, is_declined=False
        )
        decided = {"decided_at": at, "decided_by": by, "sentence": sentence[:300]}
        if not rows.update(is_declined=True, **decided):
            raise AlreadyDecided(_("This was decided already."))
        about, why = ("person", joining.person_id), {"reason": sentence}
        record(JoiningDecided(person_id=joining.person_id, is_open=False), at=at)
        note("person.declined", by=by, about=about, detail=why, at=at)


def address_confirmed(*, person: User, email: str, at: datetime) -> bool:
    """Open an account that waited for this; True when it did. An address of elsewhere opens none.

    To be called by whatever confirms an address of a person's.
    """
    try:
        _check_domain(email)
    except AddressNotOurs:
        return False
    with transaction.atomic():
        rows = Joining.objects.filter(person=person, waits_for=Joining.WaitsFor.ADDRESS)
        by = f"person:{person.pk}"
        if not rows.update(waits_for="", decided_at=at, decided_by=by):
            return False
        _open(person, sentence="", by=by, at=at)
    return True


def _come_invited(person: User, invitation: Invitation, *, at: datetime) -> None:
    use_invitation(invitation=invitation, at=at)
    areas = list(invitation.staff_areas)
    Joining.objects.create(person=person, invitation=invitation, asked_at=at)
    if invitation.role != person.role or areas:
        person.role, person.staff_areas = invitation.role, areas
        person.save(update_fields=["role", "staff_areas"])
    told = {
        "invitation": str(invitation.pk),
        "invited_by": f"person:{invitation.made_by_id}",
        "role": person.role,
        "staff_areas": areas,
    }
    by, about = f"person:{person.pk}", ("person", person.pk)
    note("people.came_invited", by=by, about=about, detail=told, at=at)


def _open(person: User, *, sentence: str, by: str, at: datetime) -> None:
    if User.objects.filter(pk=person.pk, waits_since__isnull=False).update(waits_since=None):
        record(JoiningDecided(person_id=person.pk, is_open=True), at=at)
        note("person.let_in", by=by, about=("person", person.pk), detail={"said": sentence}, at=at)


def _check_domain(email: str) -> None:
    domain = email.strip().lower().rpartition("@")[2]
    if domain not in allowed_domains():
        reason = _("Accounts here are for mail addresses of: {domains}.").format(
            domains=", ".join(allowed_domains()) or "—"
        )
        raise AddressNotOurs(reason, fields={"email": reason})


def allowed_domains() -> list[str]:
    """Return the mail domains of the option, in small letters."""
    listed = value("people.sign_up_domains").lower().replace(";", ",").split(",")
    return [name.strip().removeprefix("@") for name in listed if name.strip()]
