from datetime import timedelta

from atrium.chat.actions import begin_turn, delete_chat, finish_turn, purge_chats
from atrium.chat.models import Chat, Turn
from atrium.kit import clock
from atrium.metering.models import Receipt
from tests import make
from tests.chat import scripted


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
    assert Chat.objects.exists()
