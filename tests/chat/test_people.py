"""Others in a chat: asked in, taking part, gone; what each may see, do and has to pay."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from atrium.chat import access, actions, invited, keeping, queries, searching
from atrium.chat.access import OnlyReading, OnlyTheOwner
from atrium.chat.actions import (
    CannotInvite,
    InvitationGone,
    OnlyMembersInvite,
    TakesPartAlready,
    TooManyAsked,
    TooManyPeople,
)
from atrium.chat.models import Chat, Collaborator
from atrium.kit import clock
from atrium.kit.errors import NotFound
from atrium.kit.limits import LIMITS
from atrium.moderation.actions.blocks import block
from atrium.notifications.models import Notification
from atrium.people.models import User
from tests import make
from tests.chat import said
from tests.chat.together import EDIT, VIEW, ask, ask_in, joined, told

pytestmark = pytest.mark.django_db


def test_who_is_asked_sees_nothing_before_the_yes(chat: Chat, alice: User, bob: User) -> None:
    asked = ask_in(chat, "BOB ")
    assert queries.chat_seen_by(make.caller(bob), chat.pk) is None
    assert [one.pk for one in invited.invitations_of(make.caller(bob))] == [asked.pk]

    actions.accept(by=make.caller(bob), collaborator=asked, at=clock.now())
    seen = queries.chat_seen_by(make.caller(bob), chat.pk)
    assert seen is not None
    assert (seen.is_own, seen.may_edit, seen.has_others) == (False, True, True)
    assert list(Chat.objects.shared_with(make.caller(bob))) == [chat]
    assert not Chat.objects.of(make.caller(bob)).exists()
    assert [one.kind for one in Notification.objects.order_by("made_at", "id")] == [
        "chat.invited",
        "chat.accepted",
    ]
    (one,) = invited.people_in(seen)
    assert one.added_by == alice


def test_a_mail_address_waits_for_who_confirms_it(chat: Chat, bob: User) -> None:
    asked = ask_in(chat, "Bob@X.example", VIEW)
    address = EmailAddress.objects.create(user=bob, email="bob@x.example", verified=False)
    assert not invited.invitations_of(make.caller(bob)).exists()
    address.verified = True
    address.save()
    assert invited.invitations_of(make.caller(bob)).get() == asked
    actions.accept(by=make.caller(bob), collaborator=asked, at=clock.now())
    asked.refresh_from_db()
    assert (asked.person, asked.state) == (bob, Collaborator.State.JOINED)


def test_asked_twice_in_two_ways_they_take_part_once(chat: Chat, bob: User) -> None:
    EmailAddress.objects.create(user=bob, email="bob@x.example", verified=True)
    by_mail, by_name = ask_in(chat, "bob@x.example", VIEW), ask_in(chat, "bob", EDIT)
    actions.accept(by=make.caller(bob), collaborator=by_name, at=clock.now())
    assert not invited.invitations_of(make.caller(bob)).exists()
    by_mail.refresh_from_db()
    assert by_mail.state == Collaborator.State.DECLINED
    again = ask_in(chat, "bob@x.example", VIEW)  # says nothing of whose address it is
    same = actions.accept(by=make.caller(bob), collaborator=again, at=clock.now())
    assert same == by_name
    assert Collaborator.objects.taking_part().count() == 1
    Collaborator.objects.filter(pk=by_name.pk).update(asked_for="other@x.example")
    with pytest.raises(TakesPartAlready):
        ask_in(chat, "bob")


def test_known_unknown_and_blocked_are_answered_alike(
    client: Client, chat: Chat, alice: User, bob: User, charlie: User
) -> None:
    block(person=charlie, name="alice", at=clock.now())
    make.enter(client, alice)
    answers = []
    for name in ("bob", "charlie", "nobody", "nobody@x.example"):
        found = client.post(
            f"/api/v1/chats/{chat.pk}/people",
            json.dumps({"whom": name, "role": "view"}),
            content_type="application/json",
        )
        told_of = found.json()
        answers.append((found.status_code, told_of["state"], told_of["name"], sorted(told_of)))
    assert len(set(map(repr, answers))) == 1
    assert [one.person for one in Notification.objects.all()] == [bob]
    blocked = Collaborator.objects.get(asked_for="charlie")
    assert not invited.invitations_of(make.caller(charlie)).exists()
    with pytest.raises(InvitationGone):
        actions.accept(by=make.caller(charlie), collaborator=blocked, at=clock.now())


def test_guests_neither_invite_nor_are_invited(client: Client, alice: User) -> None:
    guest = make.guest()
    own = actions.start_chat(by=make.caller(guest), at=clock.now())
    with pytest.raises(OnlyMembersInvite):
        actions.invite(
            by=make.caller(guest), chat=own, asked_for="alice", role=VIEW, at=clock.now()
        )
    assert not invited.invitations_of(make.caller(guest)).exists()


@pytest.mark.parametrize(
    "name", ["", "  ", "a b", "@", "x@", "@x@", "alice", "a@x.example", "x" * 255]
)
def test_what_names_nobody_else_is_refused(chat: Chat, alice: User, name: str) -> None:
    EmailAddress.objects.create(user=alice, email="a@x.example", verified=True)
    with pytest.raises(CannotInvite):
        ask_in(chat, name)


def test_a_chat_and_a_day_have_a_bound(
    chat: Chat, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(LIMITS.collaborators):
        ask_in(chat, f"somebody{number}")
    with pytest.raises(TooManyPeople):
        ask_in(chat, "one.more")
    assert ask_in(chat, "somebody0", VIEW).role == VIEW  # the same again is no more
    other = actions.start_chat(by=make.caller(alice), at=clock.now())
    for number in range(LIMITS.collaborators + 2, LIMITS.chat_invitations_per_day):
        ask_in(other if number % 2 else chat, "somebody0")
    with pytest.raises(TooManyAsked):
        ask_in(other, "somebody0")


def test_who_may_read_writes_nowhere_and_who_may_write_owns_nothing(
    chat: Chat, alice: User, bob: User, client: Client
) -> None:
    answer = said.asked(chat)
    question = answer.parent
    assert question is not None
    row = joined(chat, bob, VIEW)
    make.enter(client, bob)
    assert client.get(f"/chat/{chat.pk}").status_code == 200
    writing: tuple[tuple[str, dict[str, str]], ...] = (
        (f"/chat/{chat.pk}/turns", {"text": "Why?"}),
        (f"/chat/{chat.pk}/turns", {"text": "Why?", "edits": str(question.pk)}),
        (f"/chat/{chat.pk}/rename", {"title": "Mine"}),
        (f"/chat/turns/{answer.pk}/again", {}),
        (f"/chat/turns/{answer.pk}/choose", {}),
        (f"/chat/turns/{answer.pk}/stop", {}),
    )
    owning: tuple[tuple[str, dict[str, str]], ...] = (
        (f"/chat/{chat.pk}/delete", {}),
        (f"/chat/{chat.pk}/pin", {}),
        (f"/chat/{chat.pk}/move", {"folder": ""}),
        (f"/chat/{chat.pk}/wishes/set", {"system": "Obey."}),
        (f"/chat/{chat.pk}/people/invite", {"whom": "charlie"}),
        (f"/chat/{chat.pk}/people/pays", {"who": "owner", "tokens": "5"}),
    )
    for url, form in (*writing, *owning):
        assert client.post(url, form).status_code == 403, url
    for url in (f"/chat/people/{row.pk}/remove", f"/chat/people/{row.pk}/role"):
        assert client.post(url, {"role": "edit"}).status_code == 404, url
    told_of = [
        client.post(f"/api/v1/chats/{chat.pk}/turns", {"text": "?"}, "application/json"),
        client.delete(f"/api/v1/chats/{chat.pk}"),
        client.patch(f"/api/v1/chats/{chat.pk}", {"title": "x"}, "application/json"),
        client.put(f"/api/v1/chats/{chat.pk}/wishes", {"system": "x"}, "application/json"),
        client.put(f"/api/v1/chats/{chat.pk}/paying", {"tokens": 5}, "application/json"),
        client.post(f"/api/v1/chats/{chat.pk}/people", {"whom": "charlie"}, "application/json"),
        client.post(f"/api/v1/chats/turns/{answer.pk}/again", {}, "application/json"),
    ]
    assert [found.status_code for found in told_of] == [403] * len(told_of)

    actions.change_role(by=make.caller(alice), collaborator=row, role=EDIT, at=clock.now())
    assert client.post(f"/chat/{chat.pk}/rename", {"title": "Ours"}).status_code == 302
    for url, form in owning:
        assert client.post(url, form).status_code == 403, url
    chat.refresh_from_db()
    assert (chat.title, chat.deleted_at, chat.system) == ("Ours", None, "")
    assert not Collaborator.objects.exclude(pk=row.pk).exists()


def test_who_takes_part_sees_this_chat_and_no_other(
    chat: Chat, alice: User, bob: User, charlie: User, client: Client
) -> None:
    other = actions.start_chat(by=make.caller(alice), at=clock.now())
    garden = actions.make_folder(by=make.caller(alice), title="Private", at=clock.now())
    actions.move_chat(chat=chat, folder=garden)
    answer = said.asked(chat, "Why are violets blue?", "Because of light.")
    joined(chat, bob)
    make.enter(client, bob)
    seen = client.get(f"/api/v1/chats/{chat.pk}").json()
    assert (seen["shared"], seen["folder"], seen["pinned_at"]) == (True, None, None)
    assert seen["turns"][0]["asked_by"] == "alice"
    assert seen["turns"][1]["receipt"] is None  # alice asked and paid
    assert client.get(f"/chat/{other.pk}").status_code == 404
    assert b"Private" not in client.get(f"/chat/{chat.pk}").content
    written = b"".join(client.get(f"/chat/{chat.pk}/export/json"))
    assert b"violets" in written
    assert b"Private" not in written
    found = searching.find(make.caller(bob), "violets")
    assert [hit.asker for hit in found.hits] == ["alice"]
    assert [one.pk for one in keeping.at_hand(make.caller(bob), 6)] == [chat.pk]
    assert not keeping.chats_in(make.caller(bob), None).exists()
    make.enter(client, charlie)
    for url in (f"/chat/{chat.pk}", f"/chat/turns/{answer.pk}", f"/chat/{chat.pk}/people"):
        assert client.get(url).status_code == 404


def test_everybody_in_the_chat_hears_of_it(chat: Chat, alice: User, bob: User) -> None:
    joined(chat, bob)
    ask(chat, bob)
    ask(chat, alice)
    expected = ["turn.began", "turn.ended"] * 2
    assert [kind for kind in told(bob) if kind.startswith("turn")] == expected
    assert [kind for kind in told(alice) if kind.startswith("turn")] == expected
    assert told(bob)[0] == "chat.people"


def test_removed_left_and_trashed_they_see_and_hear_nothing_more(
    chat: Chat, alice: User, bob: User, charlie: User
) -> None:
    row = joined(chat, bob)
    joined(chat, charlie)
    assert actions.remove(by=make.caller(alice), collaborator=row, at=clock.now())
    assert not actions.remove(by=make.caller(alice), collaborator=row, at=clock.now())
    heard = told(bob)
    assert heard[-1] == "chat.people"
    ask(chat, charlie)
    assert told(bob) == heard
    with pytest.raises(NotFound):
        ask(chat, bob)
    assert Notification.objects.filter(person=bob, kind="chat.removed").exists()

    assert actions.leave(by=make.caller(charlie), chat=chat, at=clock.now())
    assert not actions.leave(by=make.caller(charlie), chat=chat, at=clock.now())
    assert not actions.leave(by=make.caller(alice), chat=chat, at=clock.now())
    assert access.audiences_in(chat) == [f"person:{alice.pk}"]

    joined(chat, bob)
    assert actions.delete_chat(chat=chat, at=clock.now())
    assert told(bob)[-1] == "chat.people"
    assert queries.chat_seen_by(make.caller(bob), chat.pk) is None
    assert not keeping.trash_of(make.caller(bob), at=clock.now()).exists()
    assert actions.restore_chat(chat=chat)
    assert queries.chat_seen_by(make.caller(bob), chat.pk) is not None


def test_only_the_owner_hands_out_and_takes_back(
    chat: Chat, alice: User, bob: User, charlie: User
) -> None:
    row = joined(chat, bob)
    with pytest.raises(OnlyTheOwner):
        actions.invite(
            by=make.caller(bob), chat=chat, asked_for="charlie", role=EDIT, at=clock.now()
        )
    with pytest.raises(OnlyTheOwner):
        actions.remove(by=make.caller(bob), collaborator=row, at=clock.now())
    with pytest.raises(NotFound):
        actions.remove(by=make.caller(charlie), collaborator=row, at=clock.now())
    with pytest.raises(InvitationGone):
        actions.accept(by=make.caller(charlie), collaborator=row, at=clock.now())
    actions.change_role(by=make.caller(alice), collaborator=row, role=VIEW, at=clock.now())
    with pytest.raises(OnlyReading):
        ask(chat, bob)


def test_an_invitation_is_taken_back_or_declined_for_good(
    chat: Chat, alice: User, bob: User
) -> None:
    asked = ask_in(chat, "bob")
    actions.remove(by=make.caller(alice), collaborator=asked, at=clock.now())
    with pytest.raises(InvitationGone):
        actions.accept(by=make.caller(bob), collaborator=asked, at=clock.now())
    again = ask_in(chat, "bob")
    actions.decline(by=make.caller(bob), collaborator=again, at=clock.now())
    with pytest.raises(InvitationGone):
        actions.decline(by=make.caller(bob), collaborator=again, at=clock.now())
    again.refresh_from_db()
    assert again.state == Collaborator.State.DECLINED
