"""Whose key a call brings, and whether it still opens: asked once a second, for all keys in use.

So a revoked key is dead within a second. Who stands behind it, with which plan, is looked up less
often: that takes eight statements for each key.
"""

import asyncio
import contextvars
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from atrium.compat.queries import CALL
from atrium.compat.rates import most_calls
from atrium.kit import clock
from atrium.kit.errors import NotAllowed, SignInNeeded
from atrium.kit.offload import offload
from atrium.kit.tokens import digest
from atrium.metering.standing import Standing, standing_of
from atrium.people import actions
from atrium.people.attempts import Bound
from atrium.people.caller import Caller
from atrium.people.gate import insist_account_is_open
from atrium.people.queries import caller_with_bearer, is_bearer, keys_that_open
from atrium.people.scopes import MODELS

Found = TypeVar("Found")
FRESH_SECONDS = 0.9
"""After so long it is asked whether a key still opens."""
WHOLE_SECONDS = 4.5
"""After so long everything about it is looked up anew."""
MOST_KEPT = 10_000
MOST_AT_ONCE = 500


class ScopeMissing(NotAllowed):
    """The key was not given what calls to models need."""

    code = "scope_missing"


class Known(NamedTuple):
    """Who calls, what pays for them, and how many calls they may make in a minute."""

    caller: Caller
    standing: Standing
    most_calls: Bound


@dataclass(slots=True)
class _Kept:
    known: Known
    fresh_until: float
    whole_until: float

    @property
    def key_id(self) -> UUID | None:
        """None where an app shows its access token, which is looked up whole each time."""
        return self.known.caller.key.pk if self.known.caller.key else None


class Keyring:
    """The keys used just now, of one event loop."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._asking: dict[str, asyncio.Task[Known]] = {}
        self._looking: asyncio.Task[set[UUID]] | None = None

    async def look_up(self, authorization: str) -> Known:
        """Return whose key or access token this is.

        :raises SignInNeeded: when it opens nothing, or nothing was sent
        :raises NotAllowed: when it may not be used for this, or not now
        """
        if not is_bearer(authorization):
            raise SignInNeeded(_("Send one of your API keys as “Authorization: Bearer …”."))
        name = digest(authorization)
        kept = self._kept.get(name)
        if kept and (time.monotonic() < kept.fresh_until or await self._still_opens(kept)):
            return kept.known
        return await asyncio.shield(self._asking.get(name) or self._ask(name, authorization))

    async def _still_opens(self, kept: _Kept) -> bool:
        if kept.key_id is None or time.monotonic() >= kept.whole_until:
            return False
        if self._looking is None or self._looking.done():
            self._looking = _apart(self._look_again())
        return kept.key_id in await asyncio.shield(self._looking)

    async def _look_again(self) -> set[UUID]:
        """Return which of the keys that were used just now still open."""
        began = time.monotonic()
        asked = {
            kept.key_id: kept
            for kept in self._kept.values()
            if kept.key_id and began < kept.whole_until
        }
        good = await offload(keys_that_open, list(asked)[:MOST_AT_ONCE], at=clock.now())
        for key in good:
            asked[key].fresh_until = began + FRESH_SECONDS
        return good

    def _ask(self, name: str, authorization: str) -> "asyncio.Task[Known]":
        task = self._asking[name] = _apart(self._find(name, authorization))
        return task

    async def _find(self, name: str, authorization: str) -> Known:
        began = time.monotonic()
        try:
            found = await offload(_known, authorization)
        finally:
            del self._asking[name]
        if len(self._kept) >= MOST_KEPT:
            self._kept = {one: kept for one, kept in self._kept.items() if kept.whole_until > began}
        if len(self._kept) < MOST_KEPT:
            self._kept[name] = _Kept(found, began + FRESH_SECONDS, began + WHOLE_SECONDS)
        return found


def _apart(work: Coroutine[Any, Any, Found]) -> "asyncio.Task[Found]":
    """Begin work that outlives whoever asks for it first."""
    return asyncio.get_running_loop().create_task(work, context=contextvars.Context())


def _known(authorization: str) -> Known:
    caller = caller_with_bearer(authorization)
    assert caller.person is not None, "keys and access tokens are people's"
    insist_account_is_open(caller.person)
    if not caller.has_scope(MODELS):
        raise ScopeMissing(
            _("This key was not given “%(scope)s”.") % {"scope": MODELS},
            way_on=_("Make a key with it in the settings."),
        )
    if caller.key:
        actions.see_key(key_id=caller.key.pk, at=clock.now())
    if caller.app:
        actions.see_family(family_id=caller.app.pk, at=clock.now())
    standing = standing_of(caller, about_kind=CALL, at=clock.now())
    return Known(caller, standing, most_calls())
