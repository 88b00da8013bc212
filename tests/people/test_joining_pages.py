from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.notifications.models import Notification
from atrium.options.actions import set_option
from atrium.people.actions.invitations import invite
from atrium.people.actions.joining import approve, decline
from atrium.people.actions.terms import draft_terms, publish_terms
from atrium.people.models import Invitation, Joining, Session, User
from tests import make


def option(key: str, text: str) -> None:
    set_option(key=key, text=text, by="system", at=kit_clock.now())


def link(**more: Any) -> str:
    root = User.objects.filter(username="root").first() or make.admin()
    _made, address = invite(by=make.caller(root), **more, at=kit_clock.now())
    return "/join/" + address.rpartition("/")[2]


def sign_up(client: Client, **fields: str) -> Any:
    told = {"username": "dora", "password": make.PASSWORD, **fields}
    return client.post("/sign-up", told)


def terms(kind: str = "terms", text: str = "# Be kind\n\nTo *everybody*.", **more: Any) -> Any:
    told = {"needs_acceptance": True, **more}
    version = draft_terms(kind=kind, text=text, by="system", at=kit_clock.now(), **told)
    publish_terms(version=version, by="system", at=kit_clock.now())
    version.refresh_from_db()
    return version


# By invitation


@pytest.mark.django_db
def test_a_closed_house_says_so_with_the_way_on(client: Client) -> None:
    option("people.sign_up", "invitation")

    assert "Accounts are made by invitation here" in client.get("/sign-up").content.decode()
    assert "Accounts by invitation" in client.get("/").content.decode()
    assert "Accounts by invitation" in client.get("/sign-in").content.decode()
    refused = sign_up(client)
    assert refused.status_code == 403
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_link_leads_to_the_sign_up_and_its_token_stays_nowhere(client: Client) -> None:
    option("people.sign_up", "invitation")
    address = link()

    answer = client.get(address)

    assert answer["Location"] == "/sign-up"
    assert answer["Cache-Control"] == "no-store"
    page = client.get("/sign-up").content.decode()
    assert "root invites you" in page
    token = address.rpartition("/")[2]
    assert token not in page
    held = str([session.payload for session in Session.objects.all()])
    assert token not in held
    assert sign_up(client).status_code == 302
    assert Joining.objects.get().invitation == Invitation.objects.get()
    assert Invitation.objects.get().uses_left == 0
    assert Client().get(address).status_code == 410


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token", ["x", "atr_invite_" + "a" * 39, "atr_key_" + "a" * 39, "%00", "é"]
)
def test_a_made_up_link_is_gone(client: Client, token: str) -> None:
    assert client.get(f"/join/{token}").status_code in {400, 410}
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_a_member_uses_no_invitation_up(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get(link())["Location"] == "/"
    assert Invitation.objects.get().uses_left == 1


@pytest.mark.django_db
def test_an_invitation_for_an_address_is_for_that_address_only(client: Client) -> None:
    client.get(link(for_email="dora@x.example"))

    sign_up(client, email="mallory@evil.example")

    address = EmailAddress.objects.get()
    assert (address.email, address.verified) == ("dora@x.example", False)


@pytest.mark.django_db(transaction=True)
def test_the_mailed_link_confirms_the_address_by_itself(client: Client) -> None:
    option("people.sign_up", "domain")
    link(for_email="dora@x.example", mail_it=True)
    run_due()
    mailed = next(word for word in str(mail.outbox[0].body).split() if "/join/" in word)

    client.get("/join/" + mailed.rpartition("/")[2])
    sign_up(client)

    address = EmailAddress.objects.get()
    assert (address.email, address.verified) == ("dora@x.example", True)
    person = User.objects.get(username="dora")
    assert (person.email, person.waits_since) == ("dora@x.example", None)
    assert client.get("/settings").status_code == 200


@pytest.mark.django_db
def test_a_member_who_may_makes_and_takes_back_invitations(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get("/settings/invitations").status_code == 403
    assert "/settings/invitations" not in client.get("/settings").content.decode()
    option("people.members_invite", "2")
    assert "/settings/invitations" in client.get("/settings").content.decode()

    made = client.post("/settings/invitations", {"uses": "2", "days": "7", "note_to_self": "Bob"})

    assert "/join/atr_invite_" in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    again = client.get("/settings/invitations").content.decode()
    assert "atr_invite_" not in again
    assert "Bob" in again
    assert client.post("/settings/invitations", {"uses": "1", "days": "7"}).status_code == 422
    one = Invitation.objects.get()
    stranger = Client()
    stranger.force_login(make.person())
    assert stranger.post(f"/settings/invitations/{one.pk}/revoke").status_code == 404
    assert client.post(f"/settings/invitations/{one.pk}/revoke").status_code == 302
    one.refresh_from_db()
    assert one.revoked_at


@pytest.mark.django_db
def test_a_role_cannot_be_smuggled_into_an_invitation(client: Client, alice: User) -> None:
    option("people.members_invite", "2")
    client.force_login(alice)

    told = {"uses": "1", "days": "7", "role": "ADMIN", "staff_areas": "finance", "by": "root"}
    client.post("/settings/invitations", told)

    made = Invitation.objects.get()
    assert (made.role, made.staff_areas, made.made_by) == ("USER", [], alice)


# Who waits


@pytest.mark.django_db(transaction=True)
def test_who_waits_sees_that_and_nothing_else_until_let_in(client: Client) -> None:
    root = make.admin()
    option("people.sign_up", "approval")
    assert "Ask for an account" in client.get("/").content.decode()
    assert "looks at each new account" in client.get("/sign-up").content.decode()
    sign_up(client)
    run_due()

    for page in ("/", "/files", "/settings", "/settings/keys", "/chat"):
        answer = client.get(page)
        assert (page, answer.status_code) == (page, 302)
        assert answer["Location"].startswith("/waiting")
    refused = client.get("/api/v1/me").json()
    assert (refused["code"], refused["status"]) == ("account_waits", 403)
    assert "/waiting" in refused["way_on"]
    assert "Your account is waiting" in client.get("/waiting").content.decode()
    told = Notification.objects.get(person=root)
    assert told.kind == "people.account_waits"

    joining = Joining.objects.get()
    decline(joining=joining, sentence="We do not know you.", by="system", at=kit_clock.now())
    assert "We do not know you." in client.get("/waiting").content.decode()
    approve(joining=joining, sentence="Ah, it is you.", by="system", at=kit_clock.now())
    run_due()

    assert client.get("/waiting")["Location"] == "/"
    assert client.get("/settings").status_code == 200
    said = Notification.objects.filter(person__username="dora", kind="people.joining_decided")
    assert [one.params["is_open"] for one in said.order_by("made_at")] == [False, True]


@pytest.mark.django_db
@pytest.mark.parametrize("way_out", ["/sign-out", "/preferences"])
def test_who_waits_may_leave(client: Client, way_out: str) -> None:
    option("people.sign_up", "approval")
    sign_up(client)

    assert client.post(way_out, {"theme": "dark"})["Location"] == "/"


@pytest.mark.django_db
def test_who_waits_may_take_what_is_theirs(client: Client) -> None:
    option("people.sign_up", "approval")
    sign_up(client)

    assert client.get("/settings/data").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_address_of_the_house_opens_once_it_is_confirmed(client: Client) -> None:
    option("people.sign_up", "domain")
    option("people.sign_up_domains", "example.org")
    page = client.get("/sign-up").content.decode()
    assert "example.org" in page
    assert sign_up(client).status_code == 422
    assert sign_up(client, email="dora@elsewhere.example").status_code == 422
    assert not User.objects.exists()

    sign_up(client, email="dora@example.org")
    run_due()

    assert "Confirm your mail address" in client.get("/waiting").content.decode()
    assert client.get("/files")["Location"].startswith("/waiting")
    again = EmailAddress.objects.get()
    assert client.post(f"/settings/mail/{again.pk}/send").status_code == 302
    run_due()
    body = str(mail.outbox[-1].body)
    path = next(word for word in body.split() if "/confirm/" in word).partition("/confirm/")[2]
    client.post(f"/confirm/{path}")
    assert client.get("/files").status_code == 200


# The console


@pytest.mark.django_db
def test_the_console_makes_and_shows_an_invitation_once(client: Client) -> None:
    client.force_login(make.admin())
    new = "/console/people/invitation/new/"
    told = {"uses": "3", "days": "5", "role": "USER", "staff_areas": ["support"]}

    made = client.post(new, told)

    assert "/join/atr_invite_" in made.content.decode()
    assert client.post(new, {**told, "for_email": "a@x.example"}).status_code == 422
    one = Invitation.objects.get()
    page = client.get(f"/console/people/invitation/{one.pk}/change/").content.decode()
    assert one.token_hash not in page
    assert client.post(f"/console/people/invitation/{one.pk}/do/revoke/").status_code == 302


@pytest.mark.django_db
def test_staff_without_the_role_make_no_invitation_in_the_console(client: Client) -> None:
    client.force_login(make.person(staff_areas=["support"]))

    assert client.get("/console/people/invitation/new/").status_code == 404
    assert client.get("/console/people/termsversion/new/").status_code == 404
    assert client.get("/console/people/joining/").status_code == 200


@pytest.mark.django_db
def test_the_console_lets_in_and_turns_away(client: Client) -> None:
    client.force_login(make.admin())
    option("people.sign_up", "approval")
    sign_up(Client())
    joining = Joining.objects.get()
    page = f"/console/people/joining/{joining.pk}"
    assert "Wait to be let in" in client.get("/console/").content.decode()

    assert client.post(f"{page}/do/decline/", {"sentence": ""}).status_code == 422
    client.post(f"{page}/do/decline/", {"sentence": "Not yet."})
    joining.refresh_from_db()
    assert joining.is_declined
    client.post(f"{page}/do/approve/", {"sentence": "Now."})
    assert User.objects.get(username="dora").waits_since is None
    assert client.post(f"{page}/do/approve/", {"sentence": "Again."}).status_code == 404
