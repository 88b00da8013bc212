from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from atrium.audit.models import AuditEntry
from atrium.events.models import RecordedEvent
from atrium.jobs.models import Job
from atrium.kit import clock as kit_clock
from atrium.kit import tokens
from atrium.kit.errors import Refusal
from atrium.options.actions import set_option
from atrium.people.actions import sign_up
from atrium.people.actions.invitations import (
    BadInvitation,
    InvitationSpent,
    NoInvitations,
    TooManyInvitations,
    invite,
    revoke_invitation,
)
from atrium.people.actions.joining import (
    AddressNotOurs,
    AlreadyDecided,
    SignUpClosed,
    address_confirmed,
    approve,
    check_may_join,
    decline,
)
from atrium.people.models import Invitation, Joining, User
from tests import make
from tests.conftest import Clock


def option(key: str, text: str) -> None:
    set_option(key=key, text=text, by="system", at=kit_clock.now())


def come(name: str = "dora", *, invitation: Invitation | None = None, email: str = "") -> User:
    now = kit_clock.now()
    key = invitation.pk if invitation else None
    welcome = check_may_join(email=email, invitation_id=key, at=now)
    return sign_up(username=name, password=make.PASSWORD, email=email, welcome=welcome, at=now)


@pytest.mark.django_db
def test_an_open_house_lets_everybody_in_at_once() -> None:
    person = come()

    assert person.waits_since is None
    assert not Joining.objects.exists()


# By invitation


@pytest.mark.django_db
def test_without_an_invitation_nobody_comes_in_and_with_one_they_do() -> None:
    option("people.sign_up", "invitation")
    with pytest.raises(SignUpClosed):
        come()
    with pytest.raises(SignUpClosed):
        sign_up(username="dora", password=make.PASSWORD, at=kit_clock.now())
    made, _link = invite(by=make.caller(make.admin()), at=kit_clock.now())

    person = come(invitation=made)

    assert person.waits_since is None
    assert Joining.objects.get().invitation == made
    assert AuditEntry.objects.filter(action="people.came_invited").exists()
    with pytest.raises(InvitationSpent):
        come("erik", invitation=made)


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["expired", "revoked", "its maker is suspended", "no such one"])
def test_an_invitation_that_is_over_lets_nobody_in(clock: Clock, why: str) -> None:
    option("people.sign_up", "invitation")
    root = make.admin()
    made, _link = invite(by=make.caller(root), days=1, at=clock.now)
    if why == "expired":
        clock.forward(days=1)
    if why == "revoked":
        revoke_invitation(invitation=made, by="system", at=clock.now)
        revoke_invitation(invitation=made, by="system", at=clock.now)
        assert AuditEntry.objects.filter(action="people.invitation_revoked").count() == 1
    if why == "its maker is suspended":
        User.objects.filter(pk=root.pk).update(is_active=False)
    if why == "no such one":
        made.pk = root.pk

    with pytest.raises(InvitationSpent):
        come(invitation=made)
    assert not User.objects.filter(username="dora").exists()


@pytest.mark.django_db
def test_a_role_comes_with_an_administrators_word_only() -> None:
    root = make.admin()
    with pytest.raises(NoInvitations):
        invite(by=make.caller(make.person()), at=kit_clock.now())
    option("people.members_invite", "2")
    alice = make.person(username="alice")
    with pytest.raises(NoInvitations):
        invite(by=make.caller(alice), role="ADMIN", at=kit_clock.now())
    with pytest.raises(NoInvitations):
        invite(by=make.caller(alice), staff_areas=["finance"], at=kit_clock.now())
    made, _link = invite(by=make.caller(root), staff_areas=["support"], at=kit_clock.now())

    person = come(invitation=made)

    person.refresh_from_db()
    assert (person.role, person.staff_areas) == ("USER", ["support"])
    late, _link = invite(by=make.caller(root), role="ADMIN", at=kit_clock.now())
    User.objects.filter(pk=root.pk).update(role="USER")
    option("people.sign_up", "invitation")
    with pytest.raises(InvitationSpent):
        come("erik", invitation=late)


@pytest.mark.django_db
def test_a_member_has_only_so_many_invitations_out(clock: Clock, alice: User) -> None:
    option("people.members_invite", "3")
    first, _link = invite(by=make.caller(alice), uses=2, at=clock.now)
    invite(by=make.caller(alice), at=clock.now)
    with pytest.raises(TooManyInvitations) as refused:
        invite(by=make.caller(alice), at=clock.now)
    assert (refused.value.limit, refused.value.used) == (3, 3)

    revoke_invitation(invitation=first, by="system", at=clock.now)

    invite(by=make.caller(alice), uses=2, at=clock.now)
    assert Invitation.objects.visible_to(make.caller(alice)).count() == 3
    assert not Invitation.objects.visible_to(make.caller(make.person())).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"uses": 0},
        {"uses": 1001},
        {"days": 0},
        {"for_email": "a@x.example", "uses": 2},
        {"mail_it": True},
        {"role": "KING"},
        {"staff_areas": ["kitchen"]},
    ],
)
def test_an_invitation_nobody_could_use_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInvitation):
        invite(by=make.caller(make.admin()), **wrong, at=kit_clock.now())


@pytest.mark.django_db
def test_a_token_is_kept_as_a_hash_and_no_link_lies_in_a_job(alice: User) -> None:
    root = make.admin(email="root@x.example")
    made, link = invite(
        by=make.caller(root), for_email="Dora@x.example", mail_it=True, at=kit_clock.now()
    )
    token = link.rpartition("/")[2]
    assert tokens.looks_right(token, "invite")
    assert Invitation.objects.with_token(token).get() == made
    assert token not in str(Invitation.objects.values_list().get())
    job = Job.objects.get(name="people.mail_invitation")
    assert job.arguments == {"invitation_id": str(made.pk)}
    assert "atr_" not in str(list(AuditEntry.objects.values_list()))


@pytest.mark.django_db(transaction=True)
def test_the_letter_has_a_link_of_its_own_which_proves_the_address() -> None:
    from atrium.jobs.inline import run_due  # noqa: PLC0415

    root = make.admin(username="root")
    made, link = invite(
        by=make.caller(root), for_email="dora@x.example", mail_it=True, at=kit_clock.now()
    )

    run_due()

    (letter,) = mail.outbox
    assert letter.to == ["dora@x.example"]
    assert "root invites you" in letter.subject
    mailed = next(word for word in str(letter.body).split() if "/join/" in word).rpartition("/")[2]
    made.refresh_from_db()
    assert Invitation.objects.with_token(mailed).get() == made
    assert made.is_proved_by(mailed)
    assert not made.is_proved_by(link.rpartition("/")[2])


@pytest.mark.django_db(transaction=True)
def test_64_at_once_on_an_invitation_for_3_make_exactly_3() -> None:
    option("people.sign_up", "invitation")
    made, _link = invite(by=make.caller(make.admin()), uses=3, at=kit_clock.now())
    barrier = Barrier(64, timeout=60)

    def one(number: int) -> str:
        try:
            barrier.wait()
            come(f"person-{number}", invitation=made)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(64) as pool:
        came = list(pool.map(one, range(64)))

    assert came.count("in") == 3
    assert came.count("invitation_spent") == 61
    assert User.objects.filter(username__startswith="person-").count() == 3
    made.refresh_from_db()
    assert (made.uses, made.uses_left) == (3, 0)


# By approval


@pytest.mark.django_db
def test_an_account_waits_until_an_administrator_lets_it_in() -> None:
    option("people.sign_up", "approval")
    person = come()
    assert person.waits_since
    assert RecordedEvent.objects.filter(name__endswith="AccountWaits").exists()
    joining = Joining.objects.get()

    approve(joining=joining, sentence="Welcome.", by="system", at=kit_clock.now())

    person.refresh_from_db()
    joining.refresh_from_db()
    assert person.waits_since is None
    assert (joining.waits_for, joining.decided_by, joining.sentence) == ("", "system", "Welcome.")
    assert RecordedEvent.objects.filter(name__endswith="JoiningDecided").count() == 1
    with pytest.raises(AlreadyDecided):
        approve(joining=joining, by="system", at=kit_clock.now())
    with pytest.raises(AlreadyDecided):
        decline(joining=joining, sentence="No.", by="system", at=kit_clock.now())


@pytest.mark.django_db
def test_a_declined_account_stays_closed_and_may_be_let_in_later() -> None:
    option("people.sign_up", "approval")
    person = come()
    joining = Joining.objects.get()

    decline(joining=joining, sentence="We do not know you.", by="system", at=kit_clock.now())

    person.refresh_from_db()
    assert person.waits_since
    with pytest.raises(AlreadyDecided):
        decline(joining=joining, sentence="Again.", by="system", at=kit_clock.now())
    approve(joining=joining, by="system", at=kit_clock.now())
    person.refresh_from_db()
    assert person.waits_since is None
    assert not Joining.objects.get().is_declined


@pytest.mark.django_db
def test_an_invitation_needs_no_approval() -> None:
    option("people.sign_up", "approval")
    made, _link = invite(by=make.caller(make.admin()), at=kit_clock.now())

    assert come(invitation=made).waits_since is None


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_who_decide_at_once_one_does() -> None:
    option("people.sign_up", "approval")
    come()
    joining = Joining.objects.get()
    barrier = Barrier(16, timeout=60)

    def one(number: int) -> str:
        try:
            barrier.wait()
            do = approve if number % 2 else decline
            do(joining=joining, sentence="So be it.", by="system", at=kit_clock.now())
        except AlreadyDecided:
            return "late"
        finally:
            connection.close()
        return "approved" if number % 2 else "declined"

    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(one, range(16)))

    # Who declined first may be overruled once by who approves; nobody overrules an approval.
    assert said.count("approved") == 1
    assert said.count("declined") <= 1
    assert User.objects.get(username="dora").waits_since is None


# By mail domain


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "may"),
    [
        ("dora@example.org", True),
        ("DORA@EXAMPLE.ORG", True),
        ("dora@mail.example.org", False),
        ("dora@example.org.evil.example", False),
        ("dora@evilexample.org", False),
        ("", False),
    ],
)
def test_only_the_named_domains_join_and_only_once_confirmed(email: str, *, may: bool) -> None:
    option("people.sign_up", "domain")
    option("people.sign_up_domains", " Example.org, @x.example ")
    if not may:
        with pytest.raises(AddressNotOurs):
            come(email=email)
        return
    person = come(email=email)
    assert person.waits_since
    assert Joining.objects.get().waits_for == Joining.WaitsFor.ADDRESS

    assert not address_confirmed(person=person, email="dora@other.example", at=kit_clock.now())
    assert address_confirmed(person=person, email=email, at=kit_clock.now())
    assert not address_confirmed(person=person, email=email, at=kit_clock.now())

    person.refresh_from_db()
    assert person.waits_since is None


@pytest.mark.django_db
def test_an_address_somebody_vouches_for_opens_at_once() -> None:
    option("people.sign_up", "domain")
    option("people.sign_up_domains", "example.org")

    now = kit_clock.now()
    assert not check_may_join(email="a@example.org", is_confirmed=True, at=now).waits_for
    with pytest.raises(AddressNotOurs):
        check_may_join(email="a@other.example", is_confirmed=True, at=now)
