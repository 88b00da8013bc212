"""``User.email`` is where a person is written to: confirmed, and primary among their addresses.

allauth's ``EmailAddress`` rows hold all of them. Only what stands here changes either.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit.errors import Conflict, TooMany
from atrium.kit.limits import LIMITS
from atrium.people.actions.joining import address_confirmed
from atrium.people.actions.letters import write_to
from atrium.people.actions.mailed_links import make_link, use_link
from atrium.people.actions.passwords import NotAnAccount
from atrium.people.attempts import Bound, count
from atrium.people.models import MailedLink, User

Opens = MailedLink.Opens


class AddressTaken(Conflict):
    """Somebody else confirmed the address first; said only to who holds its confirmation link."""

    code = "address_taken"


class AddressNeeded(Conflict):
    """What an address is needed for stands in its way."""

    code = "address_needed"


def clean_address(email: str, *, field: str = "email") -> str:
    """Return the form in which an address is kept.

    :raises NotAnAccount: when it is none
    """
    found = email.strip().lower()
    try:
        validate_email(found)
    except ValidationError:
        reason = _("This is not a mail address.")
        raise NotAnAccount(reason, fields={field: reason}) from None
    if len(found) > LIMITS.mail_address_characters:
        reason = _("At most %(limit)s characters.") % {"limit": LIMITS.mail_address_characters}
        raise NotAnAccount(reason, fields={field: reason})
    return found


def take_address(
    *, person: User, email: str, is_verified: bool = False, language: str = "", at: datetime
) -> EmailAddress:
    """Note the first address of a new account, and have it confirmed unless somebody vouches.

    Whether others have the address shows nowhere: their owner is told, by mail.

    :raises NotAnAccount: when it is no address, or a verified one is another's
    """
    email = clean_address(email)
    try:
        with transaction.atomic():
            address = EmailAddress.objects.create(
                user=person, email=email, verified=is_verified, primary=is_verified
            )
            if is_verified:
                User.objects.filter(pk=person.pk).update(email=email)
    except IntegrityError:
        reason = _("This mail address cannot be used here.")
        raise NotAnAccount(reason, fields={"email": reason}) from None
    if is_verified:
        person.email = email
    else:
        _send_link(address, language=language, at=at)
    return address


def add_address(*, person: User, email: str, language: str = "", at: datetime) -> EmailAddress:
    """Add an address that counts once it is confirmed, and tell the one that counts now.

    :raises NotAnAccount: when it is no address, or stands there already
    """
    email = clean_address(email)
    mine = EmailAddress.objects.filter(user=person)
    if mine.filter(email=email).exists():
        reason = _("You have this address already.")
        raise NotAnAccount(reason, fields={"email": reason})
    if mine.count() >= LIMITS.mail_addresses_per_person:
        reason = _("At most %(limit)s addresses.") % {"limit": LIMITS.mail_addresses_per_person}
        raise NotAnAccount(reason, fields={"email": reason})
    _count_change(person, at=at)
    with transaction.atomic():
        address, is_new = EmailAddress.objects.get_or_create(user=person, email=email)
        if is_new:
            _send_link(address, language=language, at=at)
            if person.email:
                write_to(person=person, letter="address_added", address=email, at=at)
            _note("people.address_added", person, at)
    return address


def send_confirmation(*, address: EmailAddress, language: str = "", at: datetime) -> None:
    """Send the link once more; the one sent before ends."""
    _count_change(address.user, at=at)
    if not address.verified:
        _send_link(address, language=language, at=at)


def make_confirm_link(*, address: EmailAddress, at: datetime) -> str:
    """Return the token of a fresh link; called by the job that mails it."""
    return make_link(address=address, opens=Opens.CONFIRM, at=at)


def confirm_address(*, token: str, at: datetime) -> EmailAddress:
    """Use the link up: from now on the address is the person's, and nobody else's.

    :raises LinkGone: whatever is wrong with the link
    :raises AddressTaken: when somebody else was first
    """
    with transaction.atomic():
        link = use_link(token=token, opens=Opens.CONFIRM, at=at)
        address, person = link.address, link.person
        try:
            with transaction.atomic():
                EmailAddress.objects.filter(pk=address.pk).update(verified=True)
        except IntegrityError:
            raise AddressTaken(_("Another account has this address by now.")) from None
        if User.objects.filter(pk=person.pk, email="").update(email=address.email):
            EmailAddress.objects.filter(user=person, primary=True).update(primary=False)
            EmailAddress.objects.filter(pk=address.pk).update(primary=True)
        address_confirmed(person=person, email=address.email, at=at)
        _note("people.address_confirmed", person, at)
    address.refresh_from_db()
    return address


def make_primary(*, address: EmailAddress, at: datetime) -> None:
    """Write to the person there from now on, and say so where they were written to before.

    :raises AddressNeeded: when it is not confirmed
    """
    person = address.user
    mine = EmailAddress.objects.filter(user=person)
    with transaction.atomic():
        if not mine.filter(pk=address.pk, verified=True).exists():
            raise AddressNeeded(_("Confirm the address first."))
        before = person.email
        changed = User.objects.filter(pk=person.pk).exclude(email=address.email)
        if not changed.update(email=address.email):
            return
        mine.filter(primary=True).update(primary=False)
        mine.filter(pk=address.pk).update(primary=True)
        if before:
            told = {"to": before, "address": address.email}
            write_to(person=person, letter="address_changed", at=at, **told)
        _note("people.address_changed", person, at)
    person.email = address.email


def remove_address(*, address: EmailAddress, at: datetime) -> None:
    """Forget an address; a confirmed one is told.

    :raises AddressNeeded: when mail goes there and could go elsewhere
    """
    person = address.user
    mine = EmailAddress.objects.filter(user=person)
    with transaction.atomic():
        others = mine.exclude(pk=address.pk).filter(verified=True)
        if address.email == person.email and others.exists():
            raise AddressNeeded(
                _("Mail for you goes to this address."), way_on=_("Choose another for it first.")
            )
        if not mine.filter(pk=address.pk).delete()[0]:
            return
        User.objects.filter(pk=person.pk, email=address.email).update(email="")
        if address.verified:
            write_to(person=person, letter="address_removed", to=address.email, at=at)
        _note("people.address_removed", person, at)
    if person.email == address.email:
        person.email = ""


def _send_link(address: EmailAddress, *, language: str, at: datetime) -> None:
    enqueue("people.send_confirm_link", address_id=address.pk, language=language, at=at)


def _count_change(person: User, *, at: datetime) -> None:
    # Naming addresses one after another would send letters to strangers.
    bound = Bound(LIMITS.email_changes_a_day, 86_400)
    count(f"email:{person.pk}", bound, at=at).check(
        TooMany, _("You changed your mail address often today.")
    )


def _note(action: str, person: User, at: datetime) -> None:
    note(action, by=f"person:{person.pk}", about=("person", person.pk), at=at)
