"""Who may do what to people."""

from typing import Protocol

from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext as _

from atrium.options.queries import value
from atrium.people.caller import Caller
from atrium.people.models import Guest, SignInProvider, User
from atrium.people.second_factor import passkeys_of


def may_judge(caller: Caller, person: User) -> bool:
    """Whether a caller with a staff role may suspend ``person``, or end their sessions and keys."""
    return caller.is_admin or not person.is_staff


def ways_in(person: User) -> set[str]:
    """Return all that alone lets the person in: ``password``, ``passkey:<id>``, ``provider:<id>``.

    A provider that is not offered now opens nothing, and neither does a key that needs a password
    beside it. Hold the person's row when the last way must not go.
    """
    ways = {"password"} if person.has_usable_password() else set()
    opening = (key for key in passkeys_of(person) if key.wrap().is_passwordless is not False)
    ways |= {f"passkey:{key.pk}" for key in opening}
    offered = SignInProvider.objects.offered().values("slug")
    accounts = SocialAccount.objects.filter(user=person, provider__in=offered)
    return ways | {f"provider:{key}" for key in accounts.values_list("pk", flat=True)}


def is_last_way_in(person: User, way: str) -> bool:
    """Whether nothing would let the person in any more without ``way``."""
    return not ways_in(person) - {way}


def may_invite(caller: Caller) -> bool:
    """Whether a caller may hand out invitations: administrators, and members if the option says."""
    return caller.is_admin or (caller.is_member and value("people.members_invite") > 0)


class Made(Protocol):
    """Whatever has a maker: an ``Owned`` row, or a caller."""

    @property
    def person(self) -> User | None: ...

    @property
    def guest(self) -> Guest | None: ...


def is_anonymous(made: Made) -> bool:
    """Whether others must not learn who made it: the maker's choice, or the guest's they were."""
    return any(who is not None and who.anonymous_since for who in (made.person, made.guest))


def shown_name(made: Made) -> str:
    """Return what others read as the name of who made it; every room asks here."""
    if is_anonymous(made):
        return _("Anonymous")
    return str(made.person) if made.person else _("Guest")
