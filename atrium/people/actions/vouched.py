"""What providers that vouch for people bring about."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit.errors import Conflict
from atrium.people import access
from atrium.people.actions.accounts import count_sign_up, sign_up
from atrium.people.actions.joining import Welcome, check_may_join
from atrium.people.models import User


class ConnectedElsewhere(Conflict):
    """Somebody else came by this account of the provider first."""

    code = "connected_elsewhere"


class LastWayIn(Conflict):
    """Nothing would open the account any more."""

    code = "last_way_in"


def sign_up_vouched(
    *,
    username: str,
    account: SocialAccount,
    email: str = "",
    address: str = "",
    welcome: Welcome | None = None,
    terms: Iterable[UUID] = (),
    at: datetime,
) -> User:
    """Make an account without a password for whom a provider vouches.

    :param account: as the provider told of it, not stored yet
    :param email: one that the provider has verified; it counts only when nobody has it here
    :param welcome: what ``check_may_join`` said; asked here, when left out
    :param terms: the versions of the terms that the person agreed to
    :raises NameTaken: when somebody has the name already
    :raises ConnectedElsewhere: when the provider's account was used meanwhile
    """
    free = "" if _is_taken(email) else email
    welcome = welcome or check_may_join(email=email, is_confirmed=True, at=at)
    count_sign_up(address=address, at=at)
    with transaction.atomic():
        person = sign_up(
            username=username,
            password=None,
            email=free,
            email_is_verified=True,
            welcome=welcome,
            terms=terms,
            at=at,
        )
        _connect_first(account, person)
        note_connected(person=person, account=account, at=at)
    return person


def note_connected(*, person: User, account: SocialAccount, at: datetime) -> None:
    """Write down that a provider may open the account from now on."""
    _note("people.provider_connected", person, account, at)


def disconnect_provider(*, person: User, account: SocialAccount, at: datetime) -> None:
    """Let a provider open the account no more.

    :raises LastWayIn: when nothing else does
    """
    with transaction.atomic():
        # Held, so that of two last ways that go at once one stays.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if access.is_last_way_in(person, f"provider:{account.pk}"):
            raise LastWayIn(
                _("This is the last way into your account."), way_on=_("Set a password first.")
            )
        gone, _by_table = SocialAccount.objects.filter(pk=account.pk, user=person).delete()
        if gone:
            _note("people.provider_disconnected", person, account, at)


def _connect_first(account: SocialAccount, person: User) -> None:
    account.user = person
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise ConnectedElsewhere(
            _("This sign-in opens another account already."), way_on=_("Sign in with it again.")
        ) from None


def _note(action: str, person: User, account: SocialAccount, at: datetime) -> None:
    detail = {"provider": account.provider}
    by = f"person:{person.pk}"
    note(action, by=by, about=("person", person.pk), detail=detail, at=at)


def _is_taken(email: str) -> bool:
    return bool(email) and (
        User.objects.filter(email__iexact=email).exists()
        or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
    )
