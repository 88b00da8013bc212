import json
from datetime import timedelta
from hashlib import sha256
from smtplib import SMTPRecipientsRefused
from typing import cast
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from atrium.jobs.registry import Priority, Run, every, job
from atrium.jobs.run import GiveUp
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import unseal
from atrium.people import invitation_letter
from atrium.people.actions import (
    forget_devices,
    forget_families,
    forget_links,
    gather_claimed,
    make_confirm_link,
    make_reset_link,
    open_all_that_are_over,
)
from atrium.people.actions.guests import let_guests_expire, remove_idle_guests
from atrium.people.actions.invitations import path_for_letter
from atrium.people.actions.letters import PURPOSE
from atrium.people.attempts import Bound, clear_ended, count
from atrium.people.letters import compose
from atrium.people.models import CachedValue, Invitation, User
from atrium.people.session_store import SessionStore


@job("people.gather_claimed")
def gather(run: Run, *, guest_id: UUID, person_id: UUID) -> None:
    """Give the person what a request still under way made as the guest after the claim."""
    gather_claimed(guest_id=guest_id, person_id=person_id, at=clock.now())


@job("people.mail_invitation", attempts=6, long=True, seconds=120)
def mail_invitation(run: Run, *, invitation_id: UUID) -> None:
    """Send an invitation. Its link is made here, so that it lies in no row; a repeat makes anew."""
    now = clock.now()
    usable = Invitation.objects.usable(at=now).filter(pk=invitation_id).select_related("made_by")
    invitation = usable.first()
    if invitation is None:
        return
    with run.writing():
        path = path_for_letter(invitation=invitation, at=now)
    invitation_letter.send(invitation, path=path)


@job("people.forget_ended", priority=Priority.LATER)
def forget_ended(run: Run) -> None:
    """Delete sessions, counts, devices and tokens that have run out."""
    SessionStore.clear_expired()
    clear_ended(at=clock.now())
    forget_devices(at=clock.now())
    forget_links(at=clock.now())
    CachedValue.objects.filter(expires__lt=clock.now()).delete()
    forget_families(at=clock.now())


every("people.forget_ended", timedelta(hours=1))


@job("people.open_again", priority=Priority.LATER)
def open_again(run: Run) -> None:
    """Note which suspensions are over, so that lists say so; the door knows it by the clock."""
    open_all_that_are_over(at=clock.now())


every("people.open_again", timedelta(minutes=5))


@job("people.send_letter", attempts=6, long=True, seconds=120)
def send_letter(run: Run, *, letter: str, person_id: UUID, brought: str) -> None:
    """Send one of ``people.letters`` to a person, where they are written to or where it says."""
    person = User.objects.filter(pk=person_id).first()
    told = json.loads(unseal(brought, PURPOSE))
    to = told["to"] or (person.email if person else "")
    if person and to:
        said = {"name": person.username, **told["said"]}
        language = told["language"] or person.language
        _send(compose(letter, to=to, language=language, said=said))


@job("people.send_confirm_link", attempts=6, long=True, seconds=120)
def send_confirm_link(run: Run, *, address_id: int, language: str) -> None:
    """Mail a link to confirm an address, made here; to who has it already, that they have it."""
    address = EmailAddress.objects.select_related("user").filter(pk=address_id).first()
    if address is None or address.verified or not _may_write_to(address.email):
        return
    held = EmailAddress.objects.select_related("user").filter(email=address.email, verified=True)
    holder = held.first()
    if holder:
        told = {"name": cast(User, holder.user).username}
        language = cast(User, holder.user).language
        _send(compose("account_exists", to=address.email, language=language, said=told))
        return
    with run.writing():
        token = make_confirm_link(address=address, at=clock.now())
    told = {"name": cast(User, address.user).username}
    language = cast(User, address.user).language or language
    path = f"/confirm/{token}"
    _send(compose("confirm", to=address.email, language=language, said=told, path=path))


@job("people.send_reset_link", attempts=6, long=True, seconds=120)
def send_reset_link(run: Run, *, sealed: str, language: str) -> None:
    """Mail a link to set a new password, made here, if the address is somebody's."""
    email = unseal(sealed, PURPOSE)
    if not _may_write_to(email):
        return
    with run.writing():
        made = make_reset_link(email=email, at=clock.now())
    if made is None:
        return
    address, token = made
    person = cast(User, address.user)
    path, told = f"/reset/{token}", {"name": person.username}
    language = person.language or language
    _send(compose("reset", to=address.email, language=language, said=told, path=path))


def _may_write_to(email: str) -> bool:
    """Whether an address has not had many letters within the hour that strangers may send it."""
    bucket = f"letter:{sha256(email.encode()).hexdigest()[:40]}"
    bound = Bound(LIMITS.letters_per_address_an_hour, 3600)
    return not count(bucket, bound, at=clock.now()).is_over


def _send(letter: EmailMultiAlternatives) -> None:
    try:
        letter.send()
    except SMTPRecipientsRefused as refused:
        code, _said = next(iter(refused.recipients.values()))
        if code < _FOR_EVER:
            raise
        raise GiveUp(_("The address does not take mail.")) from None


_FOR_EVER = 500  # from here on an SMTP code says that trying again is in vain


@job("people.forget_guests", priority=Priority.LATER)
def forget_guests(run: Run) -> None:
    """Let go of guests who do not come back."""
    let_guests_expire(at=clock.now())
    remove_idle_guests(at=clock.now())


every("people.forget_guests", timedelta(hours=1))
