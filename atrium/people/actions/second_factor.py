"""What people do with their second factor, however it was asked for."""

from datetime import datetime

from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.events.registry import record
from atrium.kit.errors import Conflict, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.people.access import is_last_way_in
from atrium.people.actions.sign_in import TooManyTries
from atrium.people.attempts import Bound, count, count_all, forget
from atrium.people.events import SecondFactorTouched
from atrium.people.models import UsedCode, User
from atrium.people.second_factor import step_of

WHAT_HAPPENED = {
    "mfa/email/totp_activated": "app_added",
    "mfa/email/totp_deactivated": "app_removed",
    "mfa/email/webauthn_added": "passkey_added",
    "mfa/email/recovery_codes_generated": "codes_made",
}
"""By the names of allauth's mails: what it did, whether for a page or for an app."""


class WrongCode(Unprocessable):
    """The same for a code that is wrong, that is over, and that was given before."""

    code = "wrong_code"


class LastWayIn(Conflict):
    code = "last_way_in"


def give_code(*, person: User, code: str, at: datetime) -> Authenticator:
    """Return whose code this is, the app's or a recovery code, which does not open again.

    :raises TooManyTries: before the code is looked at
    :raises WrongCode: when it is none that opens now
    """
    _count(person, at=at)
    codes = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    for one in Authenticator.objects.filter(user=person, type__in=codes).order_by("pk"):
        if _opens(one, person, code, at=at):
            _forget(person)
            return one
    raise _wrong()


def confirm_app(*, person: User, secret: str, code: str, at: datetime) -> None:
    """Check that an app was set up with ``secret``; the code that shows it opens nothing later.

    :raises TooManyTries: before the code is looked at
    :raises WrongCode: when it is none of this moment
    """
    _count(person, at=at)
    step = step_of(secret=secret, code=code, at=at)
    if step is None or not _use(person, step):
        raise _wrong()
    _forget(person)


def ask_for_passkey(*, address: str, at: datetime) -> None:
    """Count that somebody whom nobody knows yet wants to sign in by a passkey.

    :raises TooManyTries: from a network that asks for one all the time
    """
    bound = Bound(LIMITS.passkey_sign_ins_per_address_an_hour, 3600)
    count(f"passkey:{address}", bound, at=at).check(
        TooManyTries, _("Too many tries to sign in."), way_on=_("Use your password, or wait.")
    )


def remove_passkey(*, person: User, passkey_id: int, at: datetime) -> bool:
    """Remove one of the person's passkeys, and the recovery codes when it was all they had.

    :raises LastWayIn: when nothing else lets the person in
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        if is_last_way_in(person, f"passkey:{passkey_id}"):
            raise LastWayIn(
                _("This passkey is the only way into your account."),
                way_on=_("Set a password or add another passkey first."),
            )
        theirs = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
        gone, _by_table = theirs.filter(pk=passkey_id).delete()
        if gone:
            delete_dangling_recovery_codes(person)
            note_second_factor(person=person, what="passkey_removed", at=at)
    return bool(gone)


def remove_second_factor(*, person: User, reason: str, by: str, at: datetime) -> None:
    """Take away the app, its codes and the passkeys of somebody who lost them; ``by`` staff."""
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        detail = {"reason": reason}
        note("people.second_factor_taken", by=by, about=("person", person.pk), detail=detail, at=at)
        record(SecondFactorTouched(person_id=person.pk, what="taken"), at=at)


def note_second_factor(*, person: User, what: str, at: datetime) -> None:
    """Write down, and tell the person, what became of their second factor.

    :param what: ``app_added app_removed passkey_added passkey_removed codes_made code_used tried``
    """
    with transaction.atomic():
        audience = f"person:{person.pk}"
        note(f"people.{what}", by=audience, about=("person", person.pk), at=at)
        record(SecondFactorTouched(person_id=person.pk, what=what), at=at)


def _opens(one: Authenticator, person: User, code: str, *, at: datetime) -> bool:
    if one.type == Authenticator.Type.TOTP:
        step = step_of(secret=decrypt(one.data["secret"]), code=code, at=at)
        return step is not None and _use(person, step)
    if not one.wrap().validate_code(code):
        return False
    note_second_factor(person=person, what="code_used", at=at)
    return True


def _use(person: User, step: int) -> bool:
    """Take this half-minute for used; False when it is, or a later one: the code was seen."""
    row, is_new = UsedCode.objects.get_or_create(person=person, defaults={"step": step})
    later = UsedCode.objects.filter(pk=row.pk, step__lt=step)
    return is_new or bool(later.update(step=step))


def _buckets(person: User) -> dict[str, Bound]:
    return {
        f"second-factor:{person.pk}": Bound(
            LIMITS.second_factor_tries, LIMITS.sign_in_window_seconds
        ),
        f"second-factor-day:{person.pk}": Bound(LIMITS.second_factor_tries_a_day, 86_400),
    }


def _count(person: User, *, at: datetime) -> None:
    for tries in count_all(_buckets(person), at=at):
        if tries.used == tries.bound.limit + 1:
            # Who comes this far has the password already.
            note_second_factor(person=person, what="tried", at=at)
        tries.check(
            TooManyTries,
            _("Too many codes were tried for this account."),
            way_on=_("Use a passkey, or wait."),
        )


def _forget(person: User) -> None:
    for bucket in _buckets(person):
        forget(bucket)


def _wrong() -> WrongCode:
    return WrongCode(
        _("This code is not right, or it was used before."), fields={"code": _("Not right.")}
    )
