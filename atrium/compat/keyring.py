"""Whose key a call brings: looked up once a second for each key, so that a revoked one is dead."""

import asyncio
import contextvars
import time
from typing import NamedTuple

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
from atrium.people.queries import caller_with_bearer, is_bearer
from atrium.people.scopes import MODELS

FRESH_SECONDS = 0.9
MOST_KEPT = 10_000


class ScopeMissing(NotAllowed):
    """The key was not given what calls to models need."""

    code = "scope_missing"


class Known(NamedTuple):
    """Who calls, what pays for them, and how many calls they may make in a minute."""

    caller: Caller
    standing: Standing
    most_calls: Bound


class Keyring:
    """The keys used within the last second, of one event loop."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Known, float]] = {}
        self._asking: dict[str, asyncio.Task[Known]] = {}

    async def look_up(self, authorization: str) -> Known:
        """Return whose key or access token this is.

        :raises SignInNeeded: when it opens nothing, or nothing was sent
        :raises NotAllowed: when it may not be used for this, or not now
        """
        if not is_bearer(authorization):
            raise SignInNeeded(_("Send one of your API keys as “Authorization: Bearer …”."))
        name = digest(authorization)
        known = self._known.get(name)
        if known and known[1] > time.monotonic():
            return known[0]
        return await asyncio.shield(self._asking.get(name) or self._ask(name, authorization))

    def _ask(self, name: str, authorization: str) -> "asyncio.Task[Known]":
        task = asyncio.get_running_loop().create_task(
            self._find(name, authorization), context=contextvars.Context()
        )
        self._asking[name] = task
        return task

    async def _find(self, name: str, authorization: str) -> Known:
        began = time.monotonic()
        try:
            found = await offload(_known, authorization)
        finally:
            del self._asking[name]
        if len(self._known) >= MOST_KEPT:
            self._known = {one: kept for one, kept in self._known.items() if kept[1] > began}
        if len(self._known) < MOST_KEPT:
            self._known[name] = found, began + FRESH_SECONDS
        return found


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
