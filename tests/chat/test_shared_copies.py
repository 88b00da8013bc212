"""What is shared of a chat, for how long, and who goes on with it."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from atrium.chat import actions, copies
from atrium.chat.actions import (
    CannotBeShared,
    NoSuchFileInChat,
    NothingToShare,
    StillWriting,
    TooManyCopies,
    attach,
    choose,
    delete_chat,
    fork,
    note_view,
    restore_chat,
    revoke_all_copies,
    revoke_copy,
    set_wishes,
    share_chat,
)
from atrium.chat.copies import CopyIsGone, NoSuchCopy, link_to, shared_with
from atrium.chat.models import Chat, Citation, SharedCopy, SharedFile, SharedTurn, Turn
from atrium.engines.actions import offer_built_in
from atrium.engines.models import Model
from atrium.kit import clock as kit_clock
from atrium.kit.errors import Unprocessable
from atrium.kit.limits import LIMITS
from atrium.kit.sealed import rekey_all
from atrium.kit.tokens import looks_right, mint
from atrium.options.actions import set_option
from atrium.people.actions import claim_guest, suspend, undo_claim
from atrium.people.caller import NOBODY
from atrium.people.models import User
from tests import make
from tests.chat.spoken import answers_of, chat_that_says, cite, opened, said_in, share, token_of
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


def public(text: str = "public") -> None:
    set_option(key="chat.shared_copies", text=text, by="system", at=kit_clock.now())


# What goes along


def test_a_copy_is_what_was_said_and_stays_so(alice: User) -> None:
    chat = chat_that_says(alice, ("One?", "First."))
    copy = share(chat, alice)

    last = chat.turns.order_by("-id")[0]
    now = kit_clock.now()
    Turn.objects.create(
        chat=chat, parent=last, role="asked", text="And?", made_at=now, ended_at=now, person=alice
    )
    Turn.objects.filter(pk=last.pk).update(text="Said otherwise.")
    Chat.objects.filter(pk=chat.pk).update(title="Another")

    assert said_in(opened(copy)) == ["One?", "First."]
    assert opened(copy).title == "Leaves"
    assert [turn.speaker for turn in copy.turns.all()] == ["", "Blue"]


def test_only_the_branch_that_is_shown_goes_along(alice: User) -> None:
    chat = chat_that_says(alice, ("One?", "First."))
    question, now = chat.turns.get(role="asked"), kit_clock.now()
    other = Turn.objects.create(
        chat=chat,
        parent=question,
        role="answered",
        text="Otherwise.",
        elsewhere="Green",
        made_at=now,
        ended_at=now,
        person=alice,
    )
    assert said_in(share(chat, alice)) == ["One?", "Otherwise."]

    choose(turn=answers_of(chat)[0], at=now)
    chat.refresh_from_db()
    assert other.text not in said_in(share(chat, alice))


def test_neither_instructions_nor_thoughts_nor_hidden_answers_go_along(alice: User) -> None:
    chat = chat_that_says(alice, ("One?", "First."), ("Two?", "Second."))
    set_wishes(chat=chat, wishes=actions.Wishes(system="A planted rule."))
    first, second = answers_of(chat)
    Turn.objects.filter(pk=first.pk).update(thoughts="A planted thought.", failure="Planted.")
    Turn.objects.filter(pk=second.pk).update(hidden_at=kit_clock.now())

    copy = share(chat, alice)

    assert said_in(copy) == ["One?", "First.", "Two?"]
    assert "lanted" not in str(list(copy.turns.values()))


def test_files_that_are_not_chosen_are_not_named(alice: User) -> None:
    chat = chat_that_says(alice, ("Why?", "> It is so. [1] [2]\n\n— secret.txt, open.txt, line 3"))
    shown, hidden = (
        make.document(by=alice, passages=[f"Words of {title}."], name=title)
        for title in ("open.txt", "secret.txt")
    )
    attach(chat=chat, documents=[shown, hidden], at=kit_clock.now())
    (answer,) = answers_of(chat)
    cite(answer, hidden, number=1)
    cite(answer, shown, number=2)

    copy = share(chat, alice, documents=[shown.pk])

    one, two = copy.turns.get(is_answer=True).sources
    assert (one["title"], one["words"], one["place"]) == ("", "", "")
    assert (two["title"], two["words"]) == ("open.txt", "Words of open.txt.")
    assert [file.title for file in copy.files.all()] == ["open.txt"]
    assert "secret" not in str(list(copy.turns.values()))
    assert "open.txt" in copy.turns.get(is_answer=True).text


def test_what_the_handbook_says_is_no_secret(alice: User, bob: User) -> None:
    chat = chat_that_says(alice, ("How?", "So [1]. — Handbook: Files"))
    (answer,) = answers_of(chat)
    named = {"title": "Handbook: Files", "handbook": "en/3-files#limits/1", "words": "So."}
    Citation.objects.create(turn=answer, number=1, found=True, **named)

    copy = share(chat, alice)

    assert said_in(copy)[1] == answer.text
    (source,) = copy.turns.get(is_answer=True).sources
    assert source["title"] == "Handbook: Files"
    mine = fork(copy=copy, by=make.caller(bob), at=kit_clock.now())
    assert Citation.objects.get(turn__chat=mine).handbook == named["handbook"]


def test_files_of_others_or_of_other_chats_do_not_go_along(alice: User, bob: User) -> None:
    chat = chat_that_says(alice)
    his = make.document(by=bob)
    attach(chat=chat, documents=[his], at=kit_clock.now())

    for document in (his, make.document(by=alice)):
        with pytest.raises(NoSuchFileInChat):
            share(chat, alice, documents=[document.pk])
    assert not SharedCopy.objects.exists()


def test_nothing_is_shared_of_an_empty_chat_or_while_an_answer_grows(alice: User) -> None:
    empty = actions.start_chat(by=make.caller(alice), at=kit_clock.now())
    with pytest.raises(NothingToShare):
        share(empty, alice)

    offer_built_in()
    chat = chat_that_says(alice)
    told = {"by": make.caller(alice), "chat": chat, "text": "And?"}
    model = Model.objects.get(slug="reader")
    actions.begin_turn(**told, model=model, at=kit_clock.now())  # type: ignore[arg-type]
    with pytest.raises(StillWriting):
        share(chat, alice)


def test_only_its_owner_shares_a_chat(alice: User, bob: User) -> None:
    chat = chat_that_says(alice)
    for who in (make.caller(bob), make.caller(make.guest()), NOBODY):
        with pytest.raises(CannotBeShared):
            share_chat(chat=chat, by=who, at=kit_clock.now())


def test_there_are_only_so_many_and_they_last_as_the_list_says(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unprocessable):
        share(chat_that_says(alice), alice, lasts="always")
    monkeypatch.setattr(
        "atrium.chat.actions.copies.LIMITS", replace(LIMITS, shared_copies_per_person=1)
    )
    first = chat_that_says(alice)
    share(first, alice)
    share(first, alice)  # the same once more
    with pytest.raises(TooManyCopies):
        share(chat_that_says(alice), alice)


# The link


def test_the_token_is_long_and_stands_nowhere_in_clear(alice: User) -> None:
    copy = share(chat_that_says(alice), alice)
    token = token_of(copy)

    assert looks_right(token, copies.KIND)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM chat_sharedcopy")
        assert token not in str(cursor.fetchall())
    many = {mint(copies.KIND) for _ in range(1_000)}
    assert len(many) == 1_000


def test_the_link_can_be_copied_again_also_after_the_keys_changed(
    alice: User, settings: Any
) -> None:
    copy = share(chat_that_says(alice), alice)
    link = link_to(copy)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another " * 8
    rekey_all()
    settings.SECRET_KEY_FALLBACKS = []

    copy.refresh_from_db()
    assert link_to(copy) == link
    settings.SECRET_KEY = "a third one " * 6
    assert link_to(copy) == ""


def test_shared_again_the_same_link_shows_what_is_said_now(alice: User) -> None:
    chat = chat_that_says(alice)
    first = share(chat, alice, lasts="day")
    Turn.objects.filter(chat=chat, role="answered").update(text="Now this.")

    again = share(chat, alice, lasts="never")

    assert token_of(again) == token_of(first)
    assert said_in(opened(again))[1] == "Now this."
    assert again.expires_at is None
    assert SharedCopy.objects.count() == 1


def test_a_revoked_link_is_gone_and_keeps_nothing(alice: User) -> None:
    chat = chat_that_says(alice)
    copy = share(chat, alice)
    token = token_of(copy)

    assert revoke_copy(copy=copy, at=kit_clock.now())
    assert not revoke_copy(copy=copy, at=kit_clock.now())

    with pytest.raises(CopyIsGone):
        shared_with(token, at=kit_clock.now())
    assert not SharedTurn.objects.exists()
    assert not SharedFile.objects.exists()
    assert token_of(share(chat, alice)) != token


def test_it_ends_with_its_time_and_what_it_said_some_time_later(alice: User, clock: Clock) -> None:
    copy = share(chat_that_says(alice), alice, lasts="week")
    clock.forward(days=7, seconds=-1)
    opened(copy)
    clock.forward(seconds=1)
    with pytest.raises(CopyIsGone):
        opened(copy)
    assert actions.end_expired_copies(at=clock.now) == 0
    assert actions.end_expired_copies(at=clock.forward(days=31)) == 1
    assert not SharedTurn.objects.exists()


def test_what_was_never_a_link_is_not_there(alice: User) -> None:
    token = token_of(share(chat_that_says(alice), alice))
    for wrong in (mint(copies.KIND), token[:-1], token + "x", mint("key"), "", "\0", "é" * 40):
        with pytest.raises(NoSuchCopy):
            shared_with(wrong, at=kit_clock.now())
    public("off")
    with pytest.raises(NoSuchCopy):
        shared_with(token, at=kit_clock.now())
    with pytest.raises(CannotBeShared):
        share(chat_that_says(alice), alice)


def test_all_are_ended_at_once(alice: User, bob: User) -> None:
    for _number in range(3):
        share(chat_that_says(alice), alice)
    his = share(chat_that_says(bob), bob)

    assert revoke_all_copies(by=make.caller(alice), at=kit_clock.now()) == 3
    assert opened(his).title
    assert revoke_all_copies(by=NOBODY, at=kit_clock.now()) == 0


def test_a_chat_in_the_trash_shows_no_copy(alice: User) -> None:
    chat = chat_that_says(alice)
    copy = share(chat, alice)
    delete_chat(chat=chat, at=kit_clock.now())
    with pytest.raises(CopyIsGone):
        opened(copy)
    restore_chat(chat=chat)
    assert opened(copy).title


def test_a_deleted_turn_goes_from_the_copy_too(alice: User) -> None:
    chat = chat_that_says(alice, ("One?", "First."), ("Two?", "Second."))
    copy = share(chat, alice)
    answers_of(chat)[1].delete()
    assert said_in(opened(copy)) == ["One?", "First.", "Two?"]
    chat.turns.all().delete()
    with pytest.raises(CopyIsGone):
        copies.stretch_of(opened(copy))


def test_copies_of_the_suspended_are_not_shown(alice: User) -> None:
    copy = share(chat_that_says(alice), alice)
    make.admin()
    suspend(person=alice, reason="It was late.", by="system", at=kit_clock.now())
    with pytest.raises(CopyIsGone):
        opened(copy)


def test_a_chat_that_was_shared_stays_when_a_claim_is_undone(alice: User) -> None:
    guest = make.guest()
    chat, other = chat_that_says(guest), chat_that_says(guest)
    claim = claim_guest(guest=guest, person=alice, at=kit_clock.now())
    assert claim
    chat.refresh_from_db()
    copy = share(chat, alice)

    undo_claim(claim=claim, at=kit_clock.now())

    other.refresh_from_db()
    assert other.person is None
    assert opened(copy).title


def test_views_of_others_are_counted(alice: User, bob: User) -> None:
    copy = share(chat_that_says(alice), alice)
    for who in (make.caller(alice), make.caller(bob), NOBODY, NOBODY):
        note_view(copy=copy, by=who)
    copy.refresh_from_db()
    assert copy.views == 3


# The list


def test_only_what_is_put_there_stands_on_the_list(alice: User, bob: User) -> None:
    with pytest.raises(CannotBeShared):
        share(chat_that_says(alice), alice, is_listed=True)
    public()
    shown = share(chat_that_says(alice), alice, is_listed=True)
    share(chat_that_says(bob), bob)
    ended = share(chat_that_says(bob), bob, is_listed=True)
    revoke_copy(copy=ended, at=kit_clock.now())

    assert list(copies.listed(at=kit_clock.now())) == [shown]
    assert copies.is_public(shown)
    public("unlisted")
    assert list(copies.listed(at=kit_clock.now())) == []
    assert not copies.is_public(shown)
    assert opened(shown).title
