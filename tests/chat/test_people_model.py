"""Whatever people do in a chat, in whatever order: who sees it is who a plain model says."""

from contextlib import suppress
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atrium.chat import access, actions, queries
from atrium.chat.models import Chat, Collaborator
from atrium.kit import clock
from atrium.kit.errors import Refusal
from atrium.moderation.actions.blocks import block, unblock
from atrium.people.caller import Caller
from atrium.people.models import Attempt, User
from tests import make

pytestmark = pytest.mark.django_db
NAMES = ("bob", "charlie", "dora")
STEPS = st.tuples(
    st.sampled_from(["invite", "accept", "decline", "remove", "leave", "role", "block", "unblock"]),
    st.sampled_from(NAMES),  # who does it, or to whom it is done
    st.sampled_from(["alice", "bob", "charlie"]),  # who tries to do what is the owner's
)
VIEW, EDIT = Collaborator.Role.VIEW, Collaborator.Role.EDIT


class Model:
    """Who takes part and may what, by the plainest of means."""

    def __init__(self) -> None:
        self.asked: dict[str, Collaborator.Role] = {}
        self.taking: dict[str, Collaborator.Role] = {}
        self.blocking: set[str] = set()

    def step(self, deed: str, whom: str, by: str) -> None:
        is_owner = by == "alice"
        stands = whom in self.asked or whom in self.taking
        if deed == "invite" and is_owner:
            (self.taking if whom in self.taking else self.asked)[whom] = EDIT
        elif deed == "role" and is_owner and stands:
            (self.taking if whom in self.taking else self.asked)[whom] = VIEW
        elif deed == "remove" and is_owner:
            self.asked.pop(whom, None)
            self.taking.pop(whom, None)
        elif deed in {"accept", "decline"} and whom in self.asked and whom not in self.blocking:
            role = self.asked.pop(whom)
            if deed == "accept":
                self.taking[whom] = role
        elif deed == "leave":
            self.taking.pop(whom, None)
        elif deed == "block":
            self.blocking.add(whom)
        elif deed == "unblock":
            self.blocking.discard(whom)


class House:
    def __init__(self, chat: Chat, people: dict[str, User]) -> None:
        self.chat, self.people, self.rows = chat, people, dict[str, UUID]()

    def step(self, deed: str, whom: str, by: str) -> None:
        now, owner, person = clock.now(), make.caller(self.people[by]), self.people[whom]
        if deed == "invite":
            self.rows[whom] = actions.invite(
                by=owner, chat=self.chat, asked_for=whom, role=EDIT, at=now
            ).pk
        elif deed == "leave":
            actions.leave(by=make.caller(person), chat=self.chat, at=now)
        elif deed == "block":
            block(person=person, name="alice", at=now)
        elif deed == "unblock":
            unblock(person=person, name="alice")
        else:
            self._answer(deed, whom, owner)

    def _answer(self, deed: str, whom: str, owner: Caller) -> None:
        now, caller = clock.now(), make.caller(self.people[whom])
        if whom in self.rows:
            row = Collaborator.objects.select_related("chat").get(pk=self.rows[whom])
            if deed == "accept":
                actions.accept(by=caller, collaborator=row, at=now)
            elif deed == "decline":
                actions.decline(by=caller, collaborator=row, at=now)
            elif deed == "remove":
                actions.remove(by=owner, collaborator=row, at=now)
            elif deed == "role":
                actions.change_role(by=owner, collaborator=row, role=VIEW, at=now)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_who_sees_a_chat_is_who_the_model_says(
    alice: User, bob: User, charlie: User, steps: list[tuple[str, str, str]]
) -> None:
    with transaction.atomic():
        Attempt.objects.all().delete()
        people = {"alice": alice, "bob": bob, "charlie": charlie}
        people["dora"] = User.objects.filter(username="dora").first() or make.person(
            username="dora"
        )
        chat = actions.start_chat(by=make.caller(alice), at=clock.now())
        model, house = Model(), House(chat, people)
        for deed, whom, by in steps:
            with suppress(Refusal):
                house.step(deed, whom, by)
            model.step(deed, whom, by)
            _agree(model, chat, people)
        transaction.set_rollback(True)


def _agree(model: Model, chat: Chat, people: dict[str, User]) -> None:
    taking = {f"person:{people[name].pk}" for name in model.taking}
    assert set(access.audiences_in(chat)) == {chat.audience, *taking}
    for name in NAMES:
        caller = make.caller(people[name])
        seen = queries.chat_seen_by(caller, chat.pk)
        assert (seen is not None) == (name in model.taking)
        assert Chat.objects.visible_to(caller).exists() == (name in model.taking)
        if seen:
            assert seen.may_edit == (model.taking[name] == EDIT)
            assert not seen.is_own
