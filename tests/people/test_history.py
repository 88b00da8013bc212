import json
from typing import Any

import pytest
from django.test import Client

from atrium.audit.actions import note
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.people.actions import change_password, create_account, issue_key, revoke_key
from atrium.people.actions.standing import give_role, lift_suspension, suspend
from atrium.people.models import User
from tests import make
from tests.api.caller import Program, problem

HERE = "/settings/history"


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


def shown(person: User, address: str = HERE) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def give(person: User, by: User, *areas: str) -> None:
    told: Any = {"role": "USER", "areas": list(areas), "by": f"person:{by.pk}"}
    give_role(person=person, **told, at=clock.now())


def test_an_account_without_a_past_says_so(alice: User) -> None:
    assert "Nothing yet" in shown(alice)


def test_a_person_reads_what_was_done_and_by_whom(alice: User) -> None:
    root, at = make.admin(), clock.now()
    change_password(person=alice, old=make.PASSWORD, new="another good phrase", at=at)
    give(alice, root, "support")
    suspend(person=alice, reason="a secret reason", by=f"person:{root.pk}", at=at)
    lift_suspension(person=alice, reason="", by="console:ops", at=at)
    key, _token = issue_key(person=alice, name="nightly", scopes=["read"], at=at, expires_at=None)
    revoke_key(key=key, by=f"person:{root.pk}", at=at)

    said = shown(User.objects.get(pk=alice.pk))

    for line in (
        "<span>The password was changed.</span><small>You</small>",
        "<span>The role was changed: User → User, Support.</span><small>Staff of this house<",
        "<span>The account was suspended.</span><small>Staff of this house</small>",
        "<span>The account was opened again.</span><small>The operator of this house</small>",
        "<span>A key was made: “nightly”.</span><small>You</small>",
        "<span>A key was revoked: “nightly”.</span><small>Staff of this house</small>",
    ):
        assert line in said
    assert root.username not in said
    assert "secret reason" not in said


def test_nobody_reads_what_was_done_to_another(alice: User, charlie: User) -> None:
    issue_key(person=alice, name="nightly", scopes=["read"], at=clock.now(), expires_at=None)
    give(alice, make.admin(), "support")
    assert "Nothing yet" in shown(charlie)
    assert Client().get(HERE)["Location"].startswith("/sign-in")


def test_a_long_history_has_pages(alice: User) -> None:
    for _ in range(LIMITS.page_items + 1):
        note("person.readmitted", by="system", about=("person", alice.pk), at=clock.now())
    first = shown(alice)
    assert first.count("The house itself") == LIMITS.page_items
    onward = first.partition('rel="next" href="')[2].partition('"')[0]
    assert shown(alice, HERE + onward).count("The house itself") == 1


def test_a_deed_of_another_release_still_has_words(alice: User) -> None:
    note("people.gone", by="system", about=("person", alice.pk), at=clock.now())
    assert "Something was changed." in shown(alice)


def test_the_api_tells_the_same(db: None) -> None:
    made = create_account(
        username="olena", password=make.PASSWORD, by="console:ops", at=clock.now()
    )
    answer = Program(made).ask("GET", "/me/history?size=1")
    page = json.loads(answer.content)
    assert [line["action"] for line in page["items"]] == ["people.key_issued"]
    assert (page["items"][0]["by"], page["items"][0]["said"]) == (
        "you",
        "A key was made: “program”.",
    )
    after = json.loads(Program(made).ask("GET", f"/me/history?after={page['next']}").content)
    assert (after["items"][-1]["by"], after["items"][-1]["said"]) == (
        "operator",
        "The account was made.",
    )
    problem(Program(made, "read").ask("GET", "/me/history"), 403, "scope_missing")
