from datetime import timedelta

import pytest

from atrium.chat.actions import (
    attach,
    begin_turn,
    delete_chat,
    empty_trash,
    finish_turn,
    purge_chat,
    purge_chats,
    restore_chat,
    start_chat,
)
from atrium.chat.models import Chat, Turn
from atrium.files.models import File
from atrium.jobs.inline import run_due
from atrium.kit import clock
from atrium.metering.models import Receipt
from atrium.people.models import User
from atrium.sources.models import Collection, Document
from tests import make
from tests.chat import scripted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chat_leaves_the_trash_after_30_days_and_its_receipts_stay(chat: Chat) -> None:
    now = clock.now()
    by = make.caller(chat.person)
    begun = begin_turn(by=by, chat=chat, text="Why?", model=scripted.model(), at=now)
    finish_turn(answer=begun.answer, text="So.", at=now)
    delete_chat(chat=chat, at=now)

    assert purge_chats(at=now + timedelta(days=30)) == 0
    assert purge_chats(at=now + timedelta(days=30, seconds=1)) == 1

    assert not Turn.objects.exists()
    assert Receipt.objects.get().state == Receipt.State.SETTLED


def test_a_chat_that_is_kept_stays(chat: Chat) -> None:
    assert purge_chats(at=clock.now() + timedelta(days=99)) == 0
    assert not purge_chat(chat=chat, at=clock.now())
    assert Chat.objects.exists()


def test_a_file_that_only_the_chat_uses_goes_with_it(chat: Chat, alice: User) -> None:
    now = clock.now()
    document = make.document(by=alice)
    attach(chat=chat, documents=[document], at=now)
    delete_chat(chat=chat, at=now)
    assert File.objects.with_bytes().exists()

    assert purge_chats(at=now + timedelta(days=31)) == 1
    run_due()

    assert not File.objects.with_bytes().exists()
    assert not Document.objects.exists()


@pytest.mark.parametrize("used", ["in another chat", "in a collection", "by somebody else"])
def test_a_file_that_something_else_uses_stays(
    chat: Chat, alice: User, bob: User, used: str
) -> None:
    now = clock.now()
    document = make.document(by=alice)
    attach(chat=chat, documents=[document], at=now)
    if used == "in another chat":
        other = start_chat(by=make.caller(alice), at=now)
        attach(chat=other, documents=[document], at=now)
    elif used == "in a collection":
        document.collection = Collection.objects.create(person=alice, title="x", made_at=now)
        document.save()
    else:
        Document.objects.create(person=bob, file=document.file, title="x", made_at=now)
    delete_chat(chat=chat, at=now)

    assert purge_chat(chat=chat, at=now)

    assert File.objects.with_bytes().filter(pk=document.file_id).exists()
    assert Document.objects.filter(pk=document.pk).exists()


def test_a_file_of_somebody_else_in_the_chat_is_theirs(chat: Chat, bob: User) -> None:
    now = clock.now()
    attach(chat=chat, documents=[make.document(by=bob)], at=now)
    delete_chat(chat=chat, at=now)

    assert purge_chat(chat=chat, at=now)

    assert File.objects.with_bytes().filter(person=bob).exists()


def test_the_trash_is_emptied_by_a_job_and_nothing_comes_back(chat: Chat, bob: User) -> None:
    now = clock.now()
    theirs = start_chat(by=make.caller(bob), at=now)
    for one in (chat, theirs):
        delete_chat(chat=one, at=now)

    assert empty_trash(by=make.caller(chat.person), at=now) == 1
    assert empty_trash(by=make.caller(chat.person), at=now) == 0
    run_due()

    assert list(Chat.objects.all()) == [theirs]


def test_one_that_was_restored_is_not_purged(chat: Chat) -> None:
    now = clock.now()
    delete_chat(chat=chat, at=now)
    restore_chat(chat=chat)

    assert not purge_chat(chat=chat, at=now)
    assert Chat.objects.get().deleted_at is None
