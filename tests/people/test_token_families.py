"""Refresh tokens: each used once, the same again for ten seconds, a copy ends them all."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from atrium.audit.models import AuditEntry
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.kit import tokens
from atrium.kit.limits import LIMITS
from atrium.notifications.models import Notification
from atrium.notifications.words import body_of
from atrium.people.actions import (
    RefreshRefused,
    change_password,
    end_family,
    end_session,
    forget_families,
    open_family,
    refresh,
    sign_out_everywhere,
    suspend,
)
from atrium.people.actions.token_families import GRACE, Tokens
from atrium.people.models import RefreshToken, Session, TokenFamily, User
from atrium.people.queries import AccessTokenNotGood, apps_of, caller_of, sessions_of
from atrium.people.session_store import SessionStore, hash_of
from atrium.people.suspended import Suspended
from tests import make
from tests.conftest import Clock

NEW = "another battery staple"


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def signed_in(person: User, **more: Any) -> Tokens:
    return open_family(person=person, at=kit_clock.now(), **more)


def again(token: str) -> Tokens:
    return refresh(token=token, at=kit_clock.now())


def opens(access: str) -> bool:
    try:
        return caller_of(cookies={}, authorization=f"Bearer {access}").is_member
    except (AccessTokenNotGood, Suspended):
        return False


def test_each_is_used_once_and_followed_by_another(alice: User, clock: Clock) -> None:
    first = signed_in(alice, agent="Mozilla/5.0 (Linux) Firefox/145.0")
    clock.forward(minutes=6)
    second = again(first.refresh)

    assert first.refresh != second.refresh
    assert not opens(first.access)
    assert opens(second.access)
    assert second.family == first.family
    assert RefreshToken.objects.get(token_hash=tokens.digest(first.refresh)).successor == (
        RefreshToken.objects.get(token_hash=tokens.digest(second.refresh))
    )


def test_one_used_again_later_ends_the_family_and_the_person_is_told(
    alice: User, clock: Clock
) -> None:
    first = signed_in(alice, agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0")
    second = again(first.refresh)
    clock.now += GRACE

    with pytest.raises(RefreshRefused):
        again(first.refresh)

    with pytest.raises(RefreshRefused):
        again(second.refresh)
    assert not opens(second.access)
    family = TokenFamily.objects.get()
    assert (family.ended_at, family.ended_why) == (clock.now, TokenFamily.Why.REUSED)
    assert AuditEntry.objects.filter(action="people.token_reused").count() == 1
    run_due()
    told = Notification.objects.get(person=alice)
    assert (told.kind, told.url) == ("people.token_reused", "/settings/security")
    assert "Firefox · Linux" in body_of(told)


def test_within_the_grace_the_same_follows(alice: User, clock: Clock) -> None:
    first = signed_in(alice)
    second = again(first.refresh)
    clock.forward(seconds=9)

    once_more = again(first.refresh)

    assert once_more.refresh == second.refresh
    assert opens(once_more.access)
    assert RefreshToken.objects.count() == 2


def test_the_grace_outlives_a_change_of_our_key(alice: User, clock: Clock, settings: Any) -> None:
    first = signed_in(alice)
    second = again(first.refresh)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key of at least fifty characters, as it should be"

    assert again(first.refresh).refresh == second.refresh
    third = again(second.refresh)
    settings.SECRET_KEY_FALLBACKS = []
    assert opens(third.access)  # its stamp is under the new key, too
    assert not opens(second.access)


def test_another_app_of_the_person_lives_on(alice: User, clock: Clock) -> None:
    stolen, other = signed_in(alice), signed_in(alice)
    again(stolen.refresh)
    clock.now += GRACE
    with pytest.raises(RefreshRefused):
        again(stolen.refresh)

    assert again(other.refresh).family == other.family


def test_after_seven_days_unused_it_is_over_without_alarm(alice: User, clock: Clock) -> None:
    first = signed_in(alice)
    clock.forward(days=7)

    with pytest.raises(RefreshRefused):
        again(first.refresh)
    assert TokenFamily.objects.get().ended_why == ""
    assert apps_of(alice) == []


@pytest.mark.parametrize("token", ["", "x", "atr_refresh_made_up", tokens.mint("key"), "é" * 50])
def test_what_was_never_a_token_is_refused(alice: User, token: str) -> None:
    with pytest.raises(RefreshRefused):
        again(token)


@pytest.mark.django_db(transaction=True)
def test_32_at_once_get_one_successor(alice: User) -> None:
    first, start = signed_in(alice), Barrier(32)

    def use(_number: int) -> str:
        start.wait()
        try:
            return again(first.refresh).refresh
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as pool:
        given = set(pool.map(use, range(32)))

    assert len(given) == 1
    assert RefreshToken.objects.count() == 2
    assert TokenFamily.objects.get().ended_at is None


@pytest.mark.django_db(transaction=True)
def test_one_reused_by_many_at_once_is_told_once(alice: User, clock: Clock) -> None:
    first, start = signed_in(alice), Barrier(8)
    again(first.refresh)
    clock.now += GRACE

    def use(_number: int) -> bool:
        start.wait()
        try:
            again(first.refresh)
        except RefreshRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(use, range(8)))
    assert AuditEntry.objects.filter(action="people.token_reused").count() == 1


def _end_it(alice: User, held: Tokens) -> None:
    end_family(family=held.family, at=kit_clock.now())


def _end_all(alice: User, held: Tokens) -> None:
    sign_out_everywhere(person=alice, at=kit_clock.now())


def _suspend(alice: User, held: Tokens) -> None:
    make.admin()
    suspend(person=alice, reason="", by="system", at=kit_clock.now())


def _change_password(alice: User, held: Tokens) -> None:
    change_password(person=alice, old=make.PASSWORD, new=NEW, at=kit_clock.now())


def _set_password_behind_our_back(alice: User, held: Tokens) -> None:
    alice.set_password(NEW)
    alice.save()


def _close(alice: User, held: Tokens) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)


@pytest.mark.parametrize(
    "do", [_end_it, _end_all, _suspend, _change_password, _set_password_behind_our_back, _close]
)
def test_it_is_over_at_the_next_request(alice: User, do: Any) -> None:
    held = signed_in(alice)
    assert opens(held.access)

    do(alice, held)

    assert not opens(held.access)
    with pytest.raises(RefreshRefused):
        again(held.refresh)


def test_a_new_role_holds_at_the_next_request(alice: User) -> None:
    held = signed_in(alice)
    User.objects.filter(pk=alice.pk).update(role=User.Role.ADMIN)

    assert caller_of(cookies={}, authorization=f"Bearer {held.access}").is_admin


def _session_of(person: User) -> SessionStore:
    session = SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session.create()
    return session


def test_an_app_and_the_session_it_signed_in_with_are_one(alice: User) -> None:
    session = _session_of(alice)
    held = signed_in(alice, session_hash=hash_of(str(session.session_key)))
    assert (sessions_of(alice), apps_of(alice)) == ([], [held.family])

    session.cycle_key()
    session.save()
    assert (sessions_of(alice), apps_of(alice)) == ([], [held.family])
    session.flush()
    assert not opens(held.access)


def test_an_app_signed_out_leaves_no_session(alice: User) -> None:
    for by_its_session in (True, False):
        key_hash = hash_of(str(_session_of(alice).session_key))
        held = signed_in(alice, session_hash=key_hash)
        if by_its_session:
            end_session(session=Session.objects.get(key_hash=key_hash), at=kit_clock.now())
        else:
            end_family(family=held.family, at=kit_clock.now())
        assert not Session.objects.exists()
        assert not opens(held.access)


def test_a_new_password_leaves_the_app_that_gave_it(alice: User) -> None:
    key_hash = hash_of(str(_session_of(alice).session_key))
    here, there = signed_in(alice, session_hash=key_hash), signed_in(alice)

    change_password(
        person=alice, old=make.PASSWORD, new=NEW, keep_session=key_hash, at=kit_clock.now()
    )

    assert opens(here.access)
    assert not opens(there.access)


def test_the_app_used_longest_ago_makes_room(alice: User, clock: Clock) -> None:
    oldest = signed_in(alice)
    for _number in range(LIMITS.apps_per_person):
        clock.forward(seconds=1)
        signed_in(alice)

    assert not opens(oldest.access)
    assert len(apps_of(alice)) == LIMITS.apps_per_person


def test_what_is_long_over_is_forgotten(alice: User, clock: Clock) -> None:
    ended, used = signed_in(alice), signed_in(alice)
    end_family(family=ended.family, at=clock.now)
    for _day in range(6):
        clock.forward(days=6)
        used = again(used.refresh)

    forget_families(at=clock.now)

    assert TokenFamily.objects.get() == used.family
    assert RefreshToken.objects.count() == 2  # the one in use, and the one before it
    assert again(used.refresh).family == used.family
