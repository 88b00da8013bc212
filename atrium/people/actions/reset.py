from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.jobs.actions import enqueue
from atrium.kit import tokens
from atrium.kit.errors import TooMany, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import seal
from atrium.people.actions.letters import PURPOSE, write_to
from atrium.people.actions.mail_addresses import clean_address
from atrium.people.actions.mailed_links import check_link, make_link, use_link
from atrium.people.actions.passwords import check_password, put_password
from atrium.people.actions.sign_in import Tries, holder_of
from atrium.people.attempts import Bound, count
from atrium.people.models import MailedLink, RescueCode, User

Opens = MailedLink.Opens


class WrongNameOrCode(Unprocessable):
    """The same for an unknown name, a wrong code and a used one."""

    code = "wrong_name_or_code"


def ask_for_reset(*, email: str, address: str, language: str = "", at: datetime) -> None:
    """Have a link to set a new password mailed, if the address is somebody's.

    Whether it is shows nowhere, not even in the time this takes: the job finds out.

    :param address: the network that asks
    """
    email = clean_address(email)
    bound = Bound(LIMITS.resets_per_address_an_hour, 3600)
    count(f"reset:{address}", bound, at=at).check(
        TooMany, _("Many new passwords were asked for from your network just now.")
    )
    enqueue("people.send_reset_link", sealed=seal(email, PURPOSE), language=language, at=at)


def make_reset_link(*, email: str, at: datetime) -> tuple[EmailAddress, str] | None:
    """Return whose confirmed address this is and the token of a fresh link; else None."""
    whose = EmailAddress.objects.select_related("user").filter(email=email, verified=True)
    address = whose.filter(user__erased_at=None).first()
    if address is None:
        return None
    return address, make_link(address=address, opens=Opens.RESET, at=at)


def check_reset_link(*, token: str, at: datetime) -> User:
    """Return whose password the link would set.

    :raises LinkGone: and why it would not
    """
    return check_link(token=token, opens=Opens.RESET, at=at).person


def reset_password(*, token: str, new: str, at: datetime) -> User:
    """Use the link up and set a password; one that is refused leaves the link usable.

    Signs nobody in: a second factor stays needed.

    :raises LinkGone: and why
    :raises NotAnAccount: when the password is too weak
    """
    person = check_reset_link(token=token, at=at)
    check_password(new, person=person, field="new")
    hashed = make_password(new)
    with transaction.atomic():
        use_link(token=token, opens=Opens.RESET, at=at)
        put_password(person=person, hashed=hashed, at=at)
    return person


def make_rescue_codes(*, person: User, by: str = "", at: datetime) -> list[str]:
    """Return ten codes, shown this once; each sets a new password once. Those before them end.

    :param by: who makes them, when it is not the person: ``console:…``
    """
    codes = [tokens.mint("recover") for _ in range(LIMITS.rescue_codes)]
    with transaction.atomic():
        RescueCode.objects.filter(person=person).delete()
        RescueCode.objects.bulk_create(
            RescueCode(person=person, code_hash=tokens.digest(code), made_at=at) for code in codes
        )
        who = by or f"person:{person.pk}"
        note("people.rescue_codes_made", by=who, about=("person", person.pk), at=at)
        if person.email:
            write_to(person=person, letter="rescue_codes_made", at=at)
    return codes


def rescue(*, username: str, code: str, new: str, address: str, at: datetime) -> User:
    """Use a rescue code up and set a new password; limited together with signing in.

    :raises WrongNameOrCode: in the same words, whatever is wrong
    :raises NotAnAccount: when the password is too weak; the code stays usable
    :raises TooManyTries: before the code is looked at
    """
    tries = Tries(username, address)
    tries.count(at=at)
    person = holder_of(username)
    over = tries.are_spent_for(person, at=at)
    code = code.strip()
    mine = RescueCode.objects.filter(code_hash=tokens.digest(code), used_at=None)
    if over or person is None or not mine.filter(person=person).exists():
        raise WrongNameOrCode(_("This name and code do not go together."))
    check_password(new, person=person, field="new")
    hashed = make_password(new)
    with transaction.atomic():
        if not mine.filter(person=person).update(used_at=at):
            raise WrongNameOrCode(_("This name and code do not go together."))
        put_password(person=person, hashed=hashed, at=at)
    tries.forget()
    return person
