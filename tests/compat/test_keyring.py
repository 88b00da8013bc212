"""Between whole look-ups of a key it is asked, for all keys at once, whether they still open."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from atrium.compat import keyring
from atrium.compat.keyring import Keyring, Known
from atrium.kit import clock
from atrium.kit.errors import SignInNeeded
from atrium.kit.offload import offload
from atrium.metering.actions import let_credits_pay
from atrium.people.actions import issue_key, revoke_key, suspend
from atrium.people.models import ApiKey, User
from atrium.people.suspended import Suspended
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
Done = TypeVar("Done")


@pytest.fixture(autouse=True)
def _never_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call asks whether its key still opens."""
    monkeypatch.setattr(keyring, "FRESH_SECONDS", 0.0)


def header_of(person: User, name: str = "k") -> str:
    _key, token = issue_key(person=person, name=name, scopes=["models"], at=clock.now())
    return f"Bearer {token}"


def played(play: Callable[[Keyring], Awaitable[Done]]) -> Done:
    async def in_a_loop() -> Done:
        return await play(Keyring())

    return asyncio.run(in_a_loop())


def test_one_that_was_revoked_or_whose_person_is_kept_out_opens_no_more(
    alice: User, bob: User
) -> None:
    """Planted and caught: keys that are not asked about again before the whole look-up."""
    hers, his = header_of(alice), header_of(bob)

    async def play(ring: Keyring) -> None:
        for header in (hers, his):
            await ring.look_up(header)
        await offload(lambda: revoke_key(key=ApiKey.objects.get(person=alice), at=clock.now()))
        await offload(lambda: suspend(person=bob, reason="Spam.", by="system", at=clock.now()))
        with pytest.raises(SignInNeeded):
            await ring.look_up(hers)
        with pytest.raises(Suspended):
            await ring.look_up(his)

    make.admin()
    played(play)


def test_what_pays_is_looked_up_with_the_whole(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, by = header_of(alice), make.caller(alice)

    async def play(ring: Keyring) -> list[Known]:
        found = [await ring.look_up(header)]
        await offload(lambda: let_credits_pay(by=by, allowed=True, at=clock.now()))
        found.append(await ring.look_up(header))
        monkeypatch.setattr(keyring, "WHOLE_SECONDS", 0.0)
        ring = Keyring()
        found += [await ring.look_up(header), await ring.look_up(header)]
        await offload(lambda: let_credits_pay(by=by, allowed=False, at=clock.now()))
        return [*found, await ring.look_up(header)]

    pays = [known.standing.credits_pay for known in played(play)]

    assert pays == [False, False, True, True, False]


def test_many_at_once_ask_once(alice: User) -> None:
    headers = [header_of(alice, f"k{number}") for number in range(6)]

    async def play(ring: Keyring) -> list[Known]:
        await asyncio.gather(*(ring.look_up(header) for header in headers))
        return await asyncio.gather(*(ring.look_up(header) for header in headers * 3))

    found = played(play)

    names = [known.caller.key.name for known in found if known.caller.key]
    assert names == [f"k{number}" for number in range(6)] * 3
