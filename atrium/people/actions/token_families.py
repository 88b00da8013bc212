from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest as hmac_of
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.events.registry import record
from atrium.kit import tokens
from atrium.kit.errors import SignInNeeded
from atrium.kit.limits import LIMITS
from atrium.kit.secrets import keys_for
from atrium.people import access_tokens
from atrium.people.agents import family as named_agent
from atrium.people.events import RefreshTokenReused
from atrium.people.models import RefreshToken, Session, TokenFamily, User

WORKS_FOR = timedelta(days=7)
GRACE = timedelta(seconds=10)
SEEN_AGAIN_AFTER = timedelta(minutes=1)
ENDED_KEPT = timedelta(days=30)
Why = TokenFamily.Why


class RefreshRefused(SignInNeeded):
    """The same for a token that is made up, expired, used before, or of an app signed out."""

    code = "refresh_token_not_good"

    def __init__(self) -> None:
        super().__init__(
            _("This refresh token does not work any more."), way_on=_("Sign in again.")
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an app gets: ``access`` to show with each call, ``refresh`` to use once for the next."""

    family: TokenFamily
    access: str
    refresh: str
    refresh_expires_at: datetime


def open_family(
    *, person: User, agent: str = "", place: str = "", session_hash: str = "", at: datetime
) -> Tokens:
    """Sign an app of the person in; who it is was asked before.

    :param session_hash: the session in which the app signed in, which ends with the family
    """
    token = tokens.mint("refresh")
    with transaction.atomic():
        family = TokenFamily.objects.create(
            person=person,
            agent=agent[:200],
            place=place,
            password_stamp=person.get_session_auth_hash(),
            session_hash=session_hash,
            made_at=at,
            seen_at=at,
            expires_at=at + WORKS_FOR,
        )
        _keep(token, family, at=at)
        _end_oldest(person, at=at)
    return _handed_out(family, token, at + WORKS_FOR, at=at)


def refresh(*, token: str, at: datetime) -> Tokens:
    """Use a refresh token up, and return what follows it; again within ten seconds the same.

    One that comes back later has been copied: its family ends, and the person is told.

    :raises RefreshRefused: whatever is wrong with it
    """
    found = _follow(token, at=at) if tokens.looks_right(token, "refresh") else None
    if found is None:
        raise RefreshRefused
    return found


def end_family(*, family: TokenFamily, why: Why = Why.SIGNED_OUT, at: datetime) -> None:
    """Sign an app out, and end the session in which it signed in; again changes nothing."""
    with transaction.atomic():
        TokenFamily.objects.filter(pk=family.pk).end(why=why, at=at)
        if family.session_hash:
            Session.objects.filter(key_hash=family.session_hash).delete()


def end_families_of(
    *,
    person: User,
    except_family: UUID | None = None,
    except_session: str = "",
    why: Why = Why.SIGNED_OUT,
    at: datetime,
) -> int:
    """Sign out every app of the person, but for the one named, and return how many.

    :param except_session: the hash of a session; the app that signed in with it stays, too
    """
    theirs = TokenFamily.objects.filter(person=person)
    if except_family:
        theirs = theirs.exclude(pk=except_family)
    if except_session:
        theirs = theirs.exclude(session_hash=except_session)
    return theirs.end(why=why, at=at)


def give_new_stamp(*, person: User, session_hash: str) -> None:
    """Let the app that signed in with this session stay, though the password is new."""
    if session_hash:
        mine = TokenFamily.objects.filter(person=person, session_hash=session_hash, ended_at=None)
        mine.update(password_stamp=person.get_session_auth_hash())


def see_family(*, family_id: UUID, at: datetime) -> None:
    """Note when the app was last used, to the minute."""
    stale = TokenFamily.objects.filter(pk=family_id, seen_at__lt=at - SEEN_AGAIN_AFTER)
    stale.update(seen_at=at)


def forget_families(*, at: datetime) -> None:
    """Delete families that ended or ran out long ago, and the tokens that time has ended."""
    TokenFamily.objects.filter(ended_at__lt=at - ENDED_KEPT).delete()
    TokenFamily.objects.filter(expires_at__lt=at - ENDED_KEPT).delete()
    RefreshToken.objects.filter(expires_at__lt=at).delete()


@transaction.atomic
def _follow(token: str, *, at: datetime) -> Tokens | None:
    row = (
        RefreshToken.objects.select_related("family__person")
        .filter(token_hash=tokens.digest(token))
        .first()
    )
    if row is None or not _locked(row.family, at=at):
        return None
    if not row.family.person.is_active or not row.family.has_the_password:
        return None
    unused = RefreshToken.objects.filter(pk=row.pk, used_at=None, expires_at__gt=at)
    if unused.update(used_at=at):
        return _rotated(row, token, at=at)
    row = RefreshToken.objects.select_related("successor", "family__person").get(pk=row.pk)
    if row.used_at is None:
        return None
    if row.successor is None or at - row.used_at >= GRACE:
        _end_reused(row.family, at=at)
        return None
    return _same_again(row.family, row.successor, token, at=at)


def _locked(family: TokenFamily, *, at: datetime) -> bool:
    # Its own row's update is the lock: whoever refreshes or ends the family waits for the other.
    return bool(TokenFamily.objects.filter(pk=family.pk, ended_at=None).update(seen_at=at))


def _rotated(row: RefreshToken, token: str, *, at: datetime) -> Tokens:
    following = _successors(token)[0]
    made = _keep(following, row.family, at=at)
    RefreshToken.objects.filter(pk=row.pk).update(successor=made)
    TokenFamily.objects.filter(pk=row.family_id).update(
        expires_at=made.expires_at, password_stamp=row.family.person.get_session_auth_hash()
    )
    return _handed_out(row.family, following, made.expires_at, at=at)


def _same_again(
    family: TokenFamily, successor: RefreshToken, token: str, *, at: datetime
) -> Tokens | None:
    for following in _successors(token):
        if tokens.digest(following) == successor.token_hash:
            return _handed_out(family, following, successor.expires_at, at=at)
    return None  # our key has retired within these seconds


def _end_reused(family: TokenFamily, *, at: datetime) -> None:
    end_family(family=family, why=Why.REUSED, at=at)
    device = named_agent(family.agent)
    record(RefreshTokenReused(person_id=family.person_id, device=device), at=at)
    detail = {"device": device}
    note(
        "people.token_reused",
        by="system",
        about=("person", family.person_id),
        detail=detail,
        at=at,
    )


def _successors(token: str) -> list[str]:
    """Return what may follow ``token``, by each of our keys, the newest first.

    Made from the token itself, so that it can be said again while only its hash is kept.
    """
    made = (hmac_of(key, token.encode(), sha256) for key in keys_for("refresh token").values())
    return [tokens.mint_from("refresh", seed) for seed in made]


def _keep(token: str, family: TokenFamily, *, at: datetime) -> RefreshToken:
    return RefreshToken.objects.create(
        family=family,
        token_hash=tokens.digest(token),
        made_at=at,
        expires_at=at + WORKS_FOR,
    )


def _end_oldest(person: User, *, at: datetime) -> None:
    mine = TokenFamily.objects.open(at=at).filter(person=person).order_by("-seen_at", "-made_at")
    too_many = [family.pk for family in mine.only("pk")[LIMITS.apps_per_person :]]
    TokenFamily.objects.filter(pk__in=too_many).end(why=Why.TOO_MANY, at=at)


def _handed_out(family: TokenFamily, token: str, expires_at: datetime, *, at: datetime) -> Tokens:
    access = access_tokens.write(person_id=family.person_id, family_id=family.pk, at=at)
    return Tokens(family=family, access=access, refresh=token, refresh_expires_at=expires_at)
