"""Who pays for what others ask in a chat, what their files are good for, and what they leave."""

from typing import Any

import pytest

from atrium.chat import access, actions, queries
from atrium.chat.models import Chat
from atrium.kit import clock
from atrium.ledger.actions import grant
from atrium.ledger.queries import balance_of, first_difference
from atrium.metering.actions import ShareUsedUp
from atrium.metering.models import Share
from atrium.metering.queries import receipts_of
from atrium.people.belongings import Whose, part_of
from atrium.people.models import User
from tests import make
from tests.chat import said
from tests.chat.together import VIEW, ask, joined, told

pytestmark = pytest.mark.django_db


def test_who_asks_pays_unless_the_owner_does_up_to_a_cap(
    chat: Chat, alice: User, bob: User
) -> None:
    make.windows(1_000_000)
    joined(chat, bob)
    own = ask(chat, bob).receipt
    assert own is not None
    assert (own.person, own.paid_by) == (bob, f"person:{bob.pk}")
    assert own.pk not in set(receipts_of(make.caller(alice)).values_list("pk", flat=True))

    need = own.reserved
    actions.set_treat(by=make.caller(alice), chat=chat, tokens=2 * need, at=clock.now())
    treated = ask(chat, bob).receipt
    assert treated is not None
    assert (treated.person, treated.paid_by) == (bob, f"person:{alice.pk}")
    assert treated.pk in set(receipts_of(make.caller(alice)).values_list("pk", flat=True))
    mine = ask(chat, alice).receipt
    assert mine is not None
    assert (mine.paid_by, mine.share) == (f"person:{alice.pk}", None)

    Share.objects.update(tokens=2 * need)
    with pytest.raises(ShareUsedUp):
        ask(chat, bob)
    assert not chat.turns.filter(state="writing").exists()
    chat.refresh_from_db()
    paying = access.who_pays(chat, at=clock.now())
    assert (paying.tokens, paying.used, paying.left) == (2 * need, 2 * need, 0)


def test_a_monthly_cap_begins_anew(chat: Chat, alice: User, bob: User, clock: Any) -> None:
    make.windows(1_000_000)
    joined(chat, bob)
    at = clock.now
    by = make.caller(alice)
    actions.set_treat(by=by, chat=chat, tokens=1_200, is_monthly=True, at=at)
    assert ask(chat, bob).receipt is not None
    Share.objects.update(tokens=1_200)
    with pytest.raises(ShareUsedUp):
        ask(chat, bob)
    clock.forward(days=31)
    receipt = ask(chat, bob).receipt
    assert receipt is not None
    assert receipt.share is not None
    assert receipt.share.name == f"chat:{chat.pk}:2026-12"


def test_credits_of_the_owner_pay_in_the_books(chat: Chat, alice: User, bob: User) -> None:
    joined(chat, bob)
    said.model(input_price=1_000_000, output_price=1_000_000)
    for who in (alice, bob):
        by = make.spends_credits(who)
        grant(holder=by.audience, amount=5_000, key=who.username, kind="gift", at=clock.now())
    before = {who: balance_of(f"person:{who.pk}") for who in (alice, bob)}

    speaker = ask(chat, bob).receipt
    assert speaker is not None
    speaker.refresh_from_db()
    assert speaker.charged > 0
    assert balance_of(f"person:{bob.pk}") == before[bob] - speaker.charged
    assert balance_of(f"person:{alice.pk}") == before[alice]

    actions.set_treat(by=make.caller(alice), chat=chat, tokens=100_000, at=clock.now())
    owner = ask(chat, bob).receipt
    assert owner is not None
    owner.refresh_from_db()
    assert balance_of(f"person:{alice.pk}") == before[alice] - owner.charged
    assert balance_of(f"person:{bob.pk}") == before[bob] - speaker.charged
    assert first_difference() is None


def test_files_of_who_takes_part_are_quoted_while_they_do(
    chat: Chat, alice: User, bob: User, charlie: User
) -> None:
    joined(chat, bob)
    joined(chat, charlie, VIEW)
    theirs = make.document(by=bob, passages=["Violets are blue because of light."])
    actions.attach(chat=chat, documents=[theirs], at=clock.now())
    answer = ask(chat, alice, "Why are violets blue?")
    assert [source.text for source in queries.question_for(answer).sources] == [
        "Violets are blue because of light."
    ]
    citation = answer.citations.create(
        number=1, passage=theirs.passages.first(), title="v", words="Violets", found=True
    )
    for reader in (alice, bob, charlie):
        assert "passage" in queries.passage_around(make.caller(reader), citation)
    actions.leave(by=make.caller(bob), chat=chat, at=clock.now())
    assert not queries.documents_of(chat).exists()
    assert queries.question_for(answer).sources == ()
    assert "passage" not in queries.passage_around(make.caller(charlie), citation)
    assert "passage" in queries.passage_around(make.caller(bob), citation)


def test_an_erased_owner_ends_the_chat_and_an_erased_other_is_nobody(
    chat: Chat, alice: User, bob: User, charlie: User
) -> None:
    joined(chat, bob)
    joined(chat, charlie)
    ask(chat, bob, "What did Bob say?")
    chats = part_of("chat")
    bobs, alices = Whose(person=bob), Whose(person=alice)
    for belonging in chats.belongings:
        while belonging.erase_some(bobs, at=clock.now()):
            pass
    seen = queries.chat_seen_by(make.caller(charlie), chat.pk)
    assert seen is not None
    question = queries.turns_of(seen).turns[0]
    assert (question.text, question.person) == ("", None)
    assert question.asker is not None
    assert question.asker.name == "Somebody who left"

    assert chats.ends is not None
    chats.ends(alices, clock.now())
    assert queries.chat_seen_by(make.caller(charlie), chat.pk) is None
    assert told(charlie)[-1] == "chat.people"
