from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from atrium.audit.actions import note
from atrium.kit import tokens
from atrium.kit.credits import shown_balance, shown_charge
from atrium.kit.errors import Conflict, NotAllowed, PaymentNeeded, Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.rows import lock, run, table_of, uuid_of
from atrium.people.models import ApiKey, User
from atrium.people.scopes import SCOPES

_SPEND = """
UPDATE people_apikey SET spent = spent + told.most FROM {told}
WHERE id = told.key AND (spend_limit IS NULL OR spend_limit >= spent + told.most) RETURNING id
"""
_GIVE_BACK = "UPDATE people_apikey SET spent = spent - told.most FROM {told} WHERE id = told.key"
_SPENT = {"key": "uuid", "most": "bigint"}
USED_AGAIN_AFTER = timedelta(minutes=1)


class UnknownScope(Unprocessable):
    code = "unknown_scope"


class ScopeNotHeld(NotAllowed):
    """A key was asked to make one that may do more than itself."""

    code = "scope_not_held"


class TooManyKeys(Conflict):
    """A person keeps more live keys than anybody looks through."""

    code = "too_many_keys"


class ExpiresInThePast(Unprocessable):
    code = "expires_in_the_past"


class KeySpent(PaymentNeeded):
    """What a call with the key may cost is more than it may still spend."""

    code = "key_spent"
    says_numbers = True


def issue_key(
    *,
    person: User,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    spend_limit: int | None = None,
    asked_with: ApiKey | None = None,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Make a key for the person's programs, and return with it the token, shown this once.

    :param spend_limit: what all calls with it may cost, in micro-credits
    :param asked_with: the key that asks, which can hand on only what it has itself
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise UnknownScope(
            _("Choose at least one of: %(scopes)s.") % {"scopes": ", ".join(SCOPES)},
            fields={"scopes": _("Not something a key can be allowed.")},
        )
    if asked_with:
        _check_held(asked_with, wanted)
        expires_at = min(filter(None, (expires_at, asked_with.expires_at)), default=None)
    if expires_at and expires_at <= at:
        raise ExpiresInThePast(
            _("The key would have expired already."), fields={"expires_at": _("In the past.")}
        )
    live = ApiKey.objects.usable(at=at).filter(person=person).count()
    if live >= LIMITS.keys_per_person:
        raise TooManyKeys(
            _("You have as many keys as one person may keep."),
            limit=LIMITS.keys_per_person,
            used=live,
            way_on=_("Revoke one that you no longer use."),
        )
    token = tokens.mint("key")
    with transaction.atomic():
        key = ApiKey.objects.create(
            person=person,
            name=name.strip()[:80],
            prefix=tokens.shown(token),
            token_hash=tokens.digest(token),
            scopes=wanted,
            made_at=at,
            expires_at=expires_at,
            spend_limit=spend_limit,
        )
        _note("people.key_issued", key, {"scopes": wanted}, at=at)
    return key, token


def _check_held(key: ApiKey, wanted: list[str]) -> None:
    missing = [scope for scope in wanted if scope not in key.scopes]
    if missing:
        raise ScopeNotHeld(
            _("This key was not given “%(scope)s”, and cannot hand it on.") % {"scope": missing[0]},
            way_on=_("Make the key in the settings."),
        )
    if key.spend_limit is not None:
        raise ScopeNotHeld(
            _("This key may spend only so much, and another would go beyond that."),
            way_on=_("Make the key in the settings."),
        )


def spend_with_key(*, key_id: UUID, most: int) -> None:
    """Set aside what a call with the key may cost, before it is made.

    :raises KeySpent: when that is more than the key may still spend
    """
    one = ApiKey.objects.filter(pk=key_id)
    if one.filter(Q(spend_limit=None) | Q(spend_limit__gte=F("spent") + most)).update(
        spent=F("spent") + most
    ):
        return
    key = one.get()
    assert key.spend_limit is not None
    raise KeySpent(
        _(
            "This key may spend {limit} credits and has spent {used}; this call may cost {most}."
        ).format(
            limit=shown_balance(key.spend_limit),
            used=shown_charge(key.spent),
            most=shown_charge(most),
        ),
        limit=key.spend_limit,
        used=key.spent,
        way_on=_("Make a key that may spend more, or ask for a shorter answer."),
    )


def spend_with_keys(amounts: Mapping[UUID, int]) -> set[UUID]:
    """Set aside, for each key, what several calls with it may cost; return those that may.

    Whoever calls it is in a transaction. The others are as they were.
    """
    if not amounts:
        return set()
    lock(table_of(ApiKey), amounts)
    return {uuid_of(key) for (key,) in run(_SPEND, amounts.items(), _SPENT)}


def give_back_to_keys(rests: Mapping[UUID, int]) -> None:
    """Let keys spend again what was set aside for calls and was not charged."""
    if rests:
        lock(table_of(ApiKey), rests)
        run(_GIVE_BACK, rests.items(), _SPENT)


def give_back_to_key(*, key_id: UUID, rest: int) -> None:
    """Let the key spend again what was set aside for a call and was not charged."""
    ApiKey.objects.filter(pk=key_id).update(spent=F("spent") - rest)


def revoke_key(*, key: ApiKey, by: str = "", at: datetime) -> None:
    """End the key from the next request on; ending it again changes nothing.

    :param by: the audience of whoever does it, when it is not the key's own person
    """
    with transaction.atomic():
        if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
            _note("people.key_revoked", key, {}, by=by, at=at)


def revoke_keys_of(*, person: User, at: datetime) -> None:
    ApiKey.objects.filter(person=person, revoked_at=None).update(revoked_at=at)


def see_key(*, key_id: UUID, at: datetime) -> None:
    """Note when the key was last used, to the minute."""
    stale = ApiKey.objects.filter(pk=key_id).exclude(last_used_at__gte=at - USED_AGAIN_AFTER)
    stale.update(last_used_at=at)


def _note(action: str, key: ApiKey, detail: dict[str, Any], *, by: str = "", at: datetime) -> None:
    # Not its name, which the person chose: nothing can be taken out of the audit list again.
    by = by or f"person:{key.person_id}"
    note(action, by=by, about=("key", key.pk), detail=detail, at=at)
