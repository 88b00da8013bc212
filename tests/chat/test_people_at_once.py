"""Two things at one moment in a chat with several people: each ends as if one had come first."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.db import connections

from atrium.chat import access, actions, queries
from atrium.chat.actions import begin_turn
from atrium.chat.models import Chat, Collaborator, Turn
from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.kit.ids import new_id
from atrium.kit.limits import LIMITS
from atrium.metering.actions import ShareUsedUp, reserve
from atrium.metering.models import Receipt, Share
from atrium.people.models import User
from tests import make
from tests.chat import said
from tests.chat.together import EDIT, ask_in, joined

pytestmark = pytest.mark.django_db(transaction=True)
Deed = Callable[[], object]
TIMES = 6


@pytest.fixture(autouse=True)
def _plenty(transactional_db: None) -> None:
    make.windows(10_000_000)
    said.model()


def at_once(*deeds: Deed) -> list[str]:
    """Do all at one moment, each on a line of its own, and say how each ended."""
    together = Barrier(len(deeds))

    def one(deed: Deed) -> str:
        together.wait(60)
        try:
            deed()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def asking(chat: Chat, who: User) -> Deed:
    """Ask with what a page had read before."""
    found = queries.chat_seen_by(make.caller(who), chat.pk)
    assert found is not None
    by, model = make.caller(who), said.model()
    return lambda: begin_turn(by=by, chat=found, text="Why?", model=model, at=clock.now())


def test_accept_and_remove_leave_nobody_in(chat: Chat, alice: User, bob: User) -> None:
    by, owner, now = make.caller(bob), make.caller(alice), clock.now()
    for _time in range(TIMES):
        row = ask_in(chat, "bob")
        ended = at_once(
            partial(actions.accept, by=by, collaborator=row, at=now),
            partial(actions.remove, by=owner, collaborator=row, at=now),
        )
        assert ended[0] in {"done", "invitation_gone"}
        assert ended[1] == "done"
        row.refresh_from_db()
        assert row.state == Collaborator.State.REMOVED
        assert access.audiences_in(chat) == [f"person:{alice.pk}"]


def test_who_leaves_and_asks_has_asked_before_or_not_at_all(
    chat: Chat, alice: User, bob: User
) -> None:
    by, now = make.caller(bob), clock.now()
    for _time in range(TIMES):
        joined(chat, bob)
        before = Turn.objects.count()
        ended = at_once(asking(chat, bob), lambda: actions.leave(by=by, chat=chat, at=now))
        asked = Turn.objects.count() - before
        assert ended in (["done", "done"], ["not_found", "done"])
        assert asked == (2 if ended[0] == "done" else 0)
        assert Receipt.objects.filter(state="open").count() == asked // 2
        for answer in Turn.objects.filter(state="writing").select_related("receipt__hold"):
            actions.finish_turn(answer=answer, text="So.", at=now)


def test_two_who_invite_the_same_at_once_make_one_invitation(chat: Chat, bob: User) -> None:
    ended = at_once(*[lambda: ask_in(chat, "bob", EDIT)] * 8)
    assert ended == ["done"] * 8
    assert Collaborator.objects.count() == 1


def test_one_who_accepts_in_two_ways_at_once_takes_part_once(chat: Chat, bob: User) -> None:
    EmailAddress.objects.create(user=bob, email="bob@x.example", verified=True)
    by, now = make.caller(bob), clock.now()
    rows: Sequence[Collaborator] = [ask_in(chat, "bob"), ask_in(chat, "bob@x.example")]
    ended = at_once(*[partial(actions.accept, by=by, collaborator=row, at=now) for row in rows])
    assert sorted(ended) == ["done", "invitation_gone"]
    assert Collaborator.objects.taking_part().count() == 1
    assert Collaborator.objects.standing().count() == 1


def test_the_chat_has_its_bound_however_many_come_at_once(chat: Chat) -> None:
    for number in range(LIMITS.collaborators - 3):
        ask_in(chat, f"somebody{number}")
    ended = Counter(at_once(*[partial(ask_in, chat, f"other{number}") for number in range(8)]))
    assert ended == {"done": 3, "too_many_people": 5}


def test_sixteen_who_ask_at_once_have_one_answer_written(chat: Chat) -> None:
    people = [make.person() for _number in range(16)]
    for person in people:
        joined(chat, person)
    ended = Counter(at_once(*[asking(chat, person) for person in people]))
    assert ended == {"done": 1, "still_writing": 15}


def test_the_owners_cap_is_exact_under_sixteen_at_once(chat: Chat, alice: User) -> None:
    people = [make.person() for _number in range(16)]
    for person in people:
        joined(chat, person)
    chat = actions.set_treat(by=make.caller(alice), chat=chat, tokens=350, at=clock.now())
    model = said.model()

    def call(person: User) -> object:
        now, by = clock.now(), make.caller(person)
        return reserve(
            by=by,
            model=model,
            tokens_in=0,
            most_tokens_out=100,
            about=("turn", new_id()),
            key=str(new_id()),
            payer=access.payer_of(chat, by, at=now),
            at=now,
        )

    ended = Counter(at_once(*[partial(call, person) for person in people]))
    assert ended == {"done": 3, ShareUsedUp.code: 13}
    assert Share.objects.get().tokens == 300
    assert set(Receipt.objects.values_list("paid_by", flat=True)) == {f"person:{alice.pk}"}
