from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from atrium.audit.models import AuditEntry
from atrium.kit import clock, tokens
from atrium.kit.errors import SignInNeeded
from atrium.options.queries import value
from atrium.people import access_tokens
from atrium.people.caller import NOBODY, Caller
from atrium.people.models import ApiKey, Claim, Guest, RescueCode, Session, TokenFamily, User
from atrium.people.session_store import SessionStore
from atrium.people.suspended import Suspended, check_open, standing_suspension

GUEST_COOKIE = "__Host-guest" if settings.SESSION_COOKIE_SECURE else "guest"


class KeyNotGood(SignInNeeded):
    """A key was sent, and it opens nothing; cookies beside it do not help."""

    code = "key_not_good"

    def __init__(self) -> None:
        super().__init__(_("This API key is wrong, revoked or expired."))


class AccessTokenNotGood(KeyNotGood):
    """An app sent an access token that opens nothing, or not any more."""

    code = "access_token_not_good"

    def __init__(self) -> None:
        SignInNeeded.__init__(
            self,
            _("This access token is wrong or has expired, or its app was signed out."),
            way_on=_("Get another with the refresh token, or sign in again."),
        )


NOT_LET_IN = (KeyNotGood, Suspended)
"""What whoever sent a key or a token may be told instead of being let in."""


def caller_of(*, cookies: Mapping[str, str], authorization: str = "") -> Caller:
    """Return who asks, for apps outside Django's handler; touches nothing.

    :raises KeyNotGood: when ``authorization`` holds a key that opens nothing
    :raises Suspended: when its person is kept out
    """
    if is_bearer(authorization):
        return caller_with_bearer(authorization)
    person = person_in_session(cookies.get(settings.SESSION_COOKIE_NAME, ""))
    if person:
        return Caller(person=person)
    guest = guest_with_token(cookies.get(GUEST_COOKIE, ""))
    return Caller(guest=guest) if guest else NOBODY


def is_bearer(authorization: str) -> bool:
    # A proxy's own Basic sign-in comes in the same header and is none of our business.
    return authorization[:7].lower() == "bearer "


def caller_with_bearer(authorization: str) -> Caller:
    """Return the person whose key or access token the ``Authorization`` header holds.

    :raises KeyNotGood: when it opens nothing
    :raises Suspended: when it would, were its person not kept out
    """
    token = authorization[7:].strip()
    if access_tokens.looks_like_one(token):
        return _caller_in_app(token)
    if not tokens.looks_right(token, "key"):
        raise KeyNotGood
    usable = ApiKey.objects.usable(at=clock.now()).select_related("person")
    key = usable.filter(token_hash=tokens.digest(token)).first() or _key_of_the_suspended(token)
    if key is None:
        raise KeyNotGood
    return Caller(person=key.person, key=key)


def keys_that_open(ids: Iterable[UUID], *, at: datetime) -> set[UUID]:
    """Return those of these keys that may still be used."""
    return set(ApiKey.objects.usable(at=at).filter(pk__in=ids).values_list("pk", flat=True))


def _key_of_the_suspended(token: str) -> ApiKey | None:
    """Return a key whose person is kept out no longer, though nobody has noted that yet."""
    now = clock.now()
    alive = ApiKey.objects.filter(revoked_at=None, person__is_active=False).filter(
        Q(expires_at=None) | Q(expires_at__gt=now)
    )
    key = alive.filter(token_hash=tokens.digest(token)).select_related("person").first()
    if key is None or not check_open(key.person, at=now):
        return None
    key.person.is_active = True
    return key


def _caller_in_app(token: str) -> Caller:
    """Return the person whose app sent its access token, if the app is still signed in."""
    now = clock.now()
    said = access_tokens.read(token, at=now)
    if said is None:
        raise AccessTokenNotGood
    still = TokenFamily.objects.open(at=now).select_related("person")
    family = still.filter(pk=said.family_id, person=said.person_id).first()
    if family is None and (kept_out := standing_suspension(said.person_id, at=now)):
        raise Suspended(kept_out)
    if family is None or not family.has_the_password:
        raise AccessTokenNotGood
    return Caller(person=family.person, app=family)


def guest_with_token(token: str) -> Guest | None:
    """Return whose cookie this is, unless a person has claimed it."""
    if not tokens.looks_right(token, "guest"):
        return None
    return Guest.objects.filter(token_hash=tokens.digest(token), claimed_by=None).first()


def guests_are_kept_for() -> int:
    """Return for how many days after their last visit, or 0 when for ever."""
    return int(value("guests.kept_days"))


def gave_back(*, guest: Guest, person: User) -> bool:
    """Whether the person once undid their claim of this guest, and so wants the two apart."""
    return Claim.objects.filter(guest=guest, person=person, undone_at__isnull=False).exists()


def person_in_session(session_key: str) -> User | None:
    """Return who signed in with this cookie; not who was suspended or has a new password since."""
    if not session_key:
        return None
    session = SessionStore(session_key)
    try:
        person = User.objects.filter(pk=session[SESSION_KEY], is_active=True).first()
    except (KeyError, ValidationError):
        return None
    kept = session.get(HASH_SESSION_KEY, "")
    good = person and any(
        constant_time_compare(kept, valid)
        for valid in (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    )
    return person if good else None


def sessions_of(person: User) -> list[Session]:
    """Return the browsers the person is signed in with, the latest first; apps are ``apps_of``."""
    mine = Session.objects.filter(person_id_text=str(person.pk), expires_at__gt=clock.now())
    of_apps = {family.session_hash for family in apps_of(person)}
    return list(mine.exclude(key_hash__in=of_apps).order_by("-seen_at"))


def apps_of(person: User) -> list[TokenFamily]:
    """Return the apps the person is signed in with, the latest first."""
    mine = TokenFamily.objects.open(at=clock.now()).filter(person=person)
    return list(mine.order_by("-seen_at"))


def admin_exists() -> bool:
    return User.objects.filter(role=User.Role.ADMIN, is_active=True).exists()


def history_of(person: User) -> QuerySet[AuditEntry]:
    """Return what was done to a person's account and keys, by whomever."""
    keys = ApiKey.objects.filter(person=person).values_list("pk", flat=True)
    theirs = Q(about_kind="key", about_id__in=[str(key) for key in keys])
    # The console writes a second entry with the reason, which is for staff.
    return AuditEntry.objects.filter(
        Q(about_kind="person", about_id=str(person.pk)) | theirs
    ).exclude(action="key.revoked")


def mail_addresses_of(person: User) -> list[EmailAddress]:
    """Return the person's mail addresses: the one written to first, then confirmed ones."""
    mine = EmailAddress.objects.filter(user=person)
    return list(mine.order_by("-primary", "-verified", "email"))


def mail_address_of(person: User, address_id: int) -> EmailAddress | None:
    """Return one of the person's own mail addresses."""
    mine = EmailAddress.objects.select_related("user").filter(user=person)
    return mine.filter(pk=address_id).first()


def rescue_codes_left(person: User) -> int:
    return RescueCode.objects.filter(person=person, used_at=None).count()


def sign_ins_of(person: User) -> QuerySet[Any]:
    """Return the accounts elsewhere by which others vouch for the person."""
    theirs: QuerySet[Any] = SocialAccount.objects.filter(user=person)
    return theirs.order_by("pk")
