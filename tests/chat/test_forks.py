"""Who goes on with a shared copy, and who complains of one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atrium.chat.actions import (
    CannotBeShared,
    TooManyForks,
    attach,
    fork,
    revoke_copy,
)
from atrium.chat.copies import CopyIsGone
from atrium.chat.models import Chat, Citation, Fork, SharedCopy
from atrium.chat.reportable_copies import KIND
from atrium.kit import clock as kit_clock
from atrium.kit.limits import LIMITS
from atrium.moderation.actions import report, uphold
from atrium.notifications.models import Notification
from atrium.people.models import User
from tests import make
from tests.chat.spoken import answers_of, chat_that_says, cite, opened, said_in, share, token_of
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


def go_on(copy: SharedCopy, who: Any, key: str = "") -> Chat:
    return fork(copy=copy, by=make.caller(who), key=key, at=kit_clock.now())


# Going on


def test_a_fork_is_an_own_chat_that_begins_with_it(alice: User, bob: User) -> None:
    chat = chat_that_says(alice, ("One?", "First [1]."), ("Two?", "Second."))
    document = make.document(by=alice, passages=["So it stands."], name="open.txt")
    attach(chat=chat, documents=[document], at=kit_clock.now())
    cite(answers_of(chat)[0], document)
    copy = share(chat, alice, documents=[document.pk])

    mine = go_on(copy, bob)

    assert mine.person == bob
    assert [turn.text for turn in mine.turns.order_by("id")] == list(said_in(copy))
    assert {turn.person for turn in mine.turns.all()} == {bob}
    assert Citation.objects.get(turn__chat=mine).passage is None
    assert mine.attachments.count() == 0
    assert Fork.objects.get(chat=mine).copy == copy
    copy.refresh_from_db()
    assert copy.forks == 1


def test_a_guest_goes_on_and_the_same_form_twice_makes_one(alice: User) -> None:
    copy, guest = share(chat_that_says(alice), alice), make.guest()
    assert go_on(copy, guest, "once") == go_on(copy, guest, "once")
    assert go_on(copy, guest, "twice").pk != go_on(copy, guest, "once").pk
    assert Chat.objects.of(make.caller(guest)).count() == 2


def test_a_fork_is_shared_and_forked_again_and_outlives_what_it_came_from(
    alice: User, bob: User, charlie: User
) -> None:
    copy = share(chat_that_says(alice), alice)
    his = go_on(copy, bob)
    again = share(his, bob)
    third = go_on(again, charlie)

    revoke_copy(copy=copy, at=kit_clock.now())
    alice.delete()

    assert said_in(opened(again)) == ["Why are leaves green?", "Because of **chlorophyll**."]
    assert [turn.text for turn in third.turns.order_by("id")] == said_in(again)
    assert Fork.objects.get(chat=his).copy is None
    with pytest.raises(CopyIsGone):
        go_on(copy, charlie)


def test_what_ended_is_not_gone_on_with(alice: User, bob: User) -> None:
    copy = share(chat_that_says(alice), alice)
    revoke_copy(copy=copy, at=kit_clock.now())
    with pytest.raises(CopyIsGone):
        go_on(copy, bob)
    assert not Chat.objects.of(make.caller(bob)).exists()


def test_there_are_only_so_many_forks_in_a_day(
    alice: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atrium.chat.actions.forks.LIMITS", replace(LIMITS, forks_a_day=1))
    copy, guest = share(chat_that_says(alice), alice), make.guest()
    go_on(copy, guest)
    with pytest.raises(TooManyForks) as refusal:
        go_on(copy, guest)
    assert refusal.value.retry_at == clock.now + timedelta(days=1)


# Reports


def test_a_reported_copy_is_hidden_and_its_owner_told(alice: User, bob: User) -> None:
    chat = chat_that_says(alice, ("Why?", "A planted insult."))
    copy = share(chat, alice)
    told = {"kind": KIND, "thing_id": copy.reported_as, "category": "harassment"}
    made = report(by=make.caller(bob), at=kit_clock.now(), **told)  # type: ignore[arg-type]
    assert "A planted insult." in made.excerpt
    assert made.reported == alice
    assert token_of(copy) not in str(vars(made))

    reason = {"measure": "hide", "statement": "It insults."}
    uphold(report=made, by=make.admin(), at=kit_clock.now(), **reason)  # type: ignore[arg-type]

    with pytest.raises(CopyIsGone):
        opened(copy)
    assert Notification.objects.filter(person=alice, kind="moderation.decided").exists()
    revoke_copy(copy=copy, at=kit_clock.now())
    with pytest.raises(CannotBeShared):  # also not anew
        share(chat, alice)


def test_an_answer_hidden_in_the_chat_is_hidden_in_its_copy(alice: User, bob: User) -> None:
    chat = chat_that_says(alice, ("One?", "First."), ("Two?", "A planted insult."))
    copy = share(chat, alice)
    chat.turns.filter(text="A planted insult.").update(hidden_at=kit_clock.now())
    assert said_in(opened(copy)) == ["One?", "First.", "Two?"]
    assert not go_on(copy, bob).turns.filter(text__contains="planted").exists()
