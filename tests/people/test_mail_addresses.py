import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client

from atrium.jobs.models import Job
from atrium.kit import clock as house_clock
from atrium.people.actions import (
    AddressNeeded,
    AddressTaken,
    LinkGone,
    NotAnAccount,
    add_address,
    confirm_address,
    make_confirm_link,
    make_primary,
    recognise,
    remove_address,
)
from atrium.people.models import MailedLink, Session, User
from tests import make
from tests.conftest import Clock
from tests.people.letters import arrived, link_in, path_in, token_in

HERE = "192.0.2.1"
MINE = "alice@x.example"
Outbox = list[Any]


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD)


@pytest.fixture
def here(alice: User) -> Client:
    """Alice's browser, in which she signed in a moment ago."""
    client = Client()
    client.post("/sign-in", {"username": "alice", "password": make.PASSWORD})
    return client


def add(person: User, email: str = MINE) -> EmailAddress:
    return add_address(person=person, email=email, at=house_clock.now())


def added(person: User, email: str = MINE) -> EmailAddress:
    """Have the person add and confirm an address."""
    token = make_confirm_link(address=add(person, email), at=house_clock.now())
    address = confirm_address(token=token, at=house_clock.now())
    person.refresh_from_db()
    return address


def test_an_address_counts_once_its_link_was_used(
    here: Client, alice: User, mailoutbox: Outbox
) -> None:
    assert here.post("/settings/mail", {"email": "Alice@X.example"}).status_code == 302
    alice.refresh_from_db()
    assert alice.email == ""
    assert arrived(mailoutbox) == [(MINE, "Confirm your mail address")]
    assert "Not confirmed" in here.get("/settings/security").content.decode()

    stranger = Client()
    page = stranger.get(path_in(mailoutbox[0])).content.decode()
    assert MINE in page
    assert not EmailAddress.objects.get().verified, "a link that is only followed confirms nothing"
    answer = stranger.post(path_in(mailoutbox[0]))

    assert "is confirmed" in answer.content.decode()
    assert not Session.objects.exclude(person_id_text=str(alice.pk)).exists()
    assert stranger.get("/settings").status_code == 302, "and nobody is signed in by it"
    alice.refresh_from_db()
    assert alice.email == MINE
    address = EmailAddress.objects.get()
    assert (address.verified, address.primary) == (True, True)
    assert "Mail goes here" in here.get("/settings/security").content.decode()


def test_the_letter_is_in_the_persons_language_and_leads_home(
    alice: User, mailoutbox: Outbox
) -> None:
    User.objects.filter(pk=alice.pk).update(language="uk")
    add(alice)
    arrived(mailoutbox)

    letter = mailoutbox[0]
    assert link_in(letter).startswith(settings.PUBLIC_ADDRESS + "/confirm/atr_confirm_")
    html = letter.alternatives[0].content
    assert 'lang="uk"' in html
    assert link_in(letter) in html
    assert not re.search(r"<img|src=|@import|url\(", html), "nothing from elsewhere is fetched"


def test_a_link_works_once_and_three_days(alice: User, clock: Clock) -> None:
    address = add(alice)
    late = make_confirm_link(address=address, at=clock.now)
    with pytest.raises(LinkGone) as gone:
        confirm_address(token=late, at=clock.forward(days=3))
    assert gone.value.code == "link_expired"

    first = make_confirm_link(address=address, at=clock.now)
    second = make_confirm_link(address=address, at=clock.now)
    with pytest.raises(LinkGone) as gone:
        confirm_address(token=first, at=clock.now)
    assert gone.value.code == "link_replaced"
    confirm_address(token=second, at=clock.now)
    with pytest.raises(LinkGone) as gone:
        confirm_address(token=second, at=clock.now)
    assert gone.value.code == "link_used"


def test_a_link_to_confirm_sets_no_password(alice: User, client: Client) -> None:
    token = make_confirm_link(address=add(alice), at=house_clock.now())
    assert client.get(f"/reset/{token}").status_code == 410
    assert client.get("/confirm/nonsense").status_code == 410


def test_no_token_lies_in_a_row(alice: User, mailoutbox: Outbox) -> None:
    add(alice)
    arrived(mailoutbox)
    token = token_in(mailoutbox[0])

    assert MailedLink.objects.get().token_hash not in token
    for job in Job.objects.all():
        assert token not in str(job.arguments)
        assert MINE not in str(job.arguments)


def test_two_may_enter_an_address_and_one_can_confirm_it(
    alice: User, bob: User, mailoutbox: Outbox
) -> None:
    bobs = add(bob)
    bobs_link = make_confirm_link(address=bobs, at=house_clock.now())
    added(alice)

    with pytest.raises(AddressTaken):
        confirm_address(token=bobs_link, at=house_clock.now())

    bob.refresh_from_db()
    assert bob.email == ""
    assert not MailedLink.objects.get(address=bobs).used_at


def test_whose_address_it_is_reads_that_somebody_entered_it(
    alice: User, bob: User, mailoutbox: Outbox
) -> None:
    added(alice)
    arrived(mailoutbox)
    mailoutbox.clear()

    add(bob)

    assert arrived(mailoutbox) == [(MINE, "You have an account already")]
    assert "alice" in mailoutbox[0].body


def test_an_unconfirmed_address_lets_nobody_in(alice: User) -> None:
    add(alice)
    told: Any = {"password": make.PASSWORD, "address": HERE, "at": house_clock.now()}
    with pytest.raises(Exception, match="do not go together"):
        recognise(username=MINE, **told)

    EmailAddress.objects.update(verified=True)
    assert recognise(username="ALICE@x.example ", **told) == alice


def test_mail_goes_to_the_chosen_address_and_the_one_before_reads_of_it(
    alice: User, mailoutbox: Outbox
) -> None:
    added(alice)
    other = added(alice, "other@x.example")
    assert alice.email == MINE
    arrived(mailoutbox)
    mailoutbox.clear()

    make_primary(address=other, at=house_clock.now())
    make_primary(address=other, at=house_clock.now())

    alice.refresh_from_db()
    assert alice.email == "other@x.example"
    assert EmailAddress.objects.get(primary=True) == other
    title = "Mail for your account goes to another address now"
    assert arrived(mailoutbox) == [(MINE, title)]


def test_the_address_that_counts_reads_of_a_new_one(alice: User, mailoutbox: Outbox) -> None:
    added(alice)
    add(alice, "other@x.example")
    assert (MINE, "A mail address was added to your account") in arrived(mailoutbox)


def test_an_address_is_removed_but_not_the_one_in_use(alice: User, mailoutbox: Outbox) -> None:
    first = added(alice)
    other = added(alice, "other@x.example")
    with pytest.raises(AddressNeeded):
        remove_address(address=first, at=house_clock.now())

    remove_address(address=other, at=house_clock.now())
    remove_address(address=first, at=house_clock.now())

    alice.refresh_from_db()
    assert alice.email == ""
    assert not EmailAddress.objects.exists()
    assert (MINE, "This mail address was removed from an account") in arrived(mailoutbox)


def test_an_unconfirmed_one_is_not_chosen(alice: User) -> None:
    with pytest.raises(AddressNeeded):
        make_primary(address=add(alice), at=house_clock.now())


@pytest.mark.parametrize(
    "email", ["nonsense", "", "a@b", f"{'a' * 250}@x.example", "a\n@x.example"]
)
def test_what_is_no_address_is_refused(alice: User, email: str) -> None:
    with pytest.raises(NotAnAccount):
        add(alice, email)


def test_addresses_cannot_be_tried_one_after_another(here: Client) -> None:
    statuses = [
        here.post("/settings/mail", {"email": f"{number}@x.example"}).status_code
        for number in range(6)
    ]
    assert statuses == [302] * 5 + [422]


def test_one_address_gets_five_letters_an_hour(alice: User, mailoutbox: Outbox) -> None:
    for number in range(7):
        add(make.person(username=f"p{number}"))
    assert len(arrived(mailoutbox)) == 5


def test_another_persons_address_is_not_there(here: Client, charlie: User) -> None:
    theirs = add(charlie, "charlie@x.example")
    for verb in ("send", "primary", "remove"):
        assert here.post(f"/settings/mail/{theirs.pk}/{verb}").status_code == 404
    assert EmailAddress.objects.filter(pk=theirs.pk).exists()


def test_changes_ask_again_who_it_is(here: Client, alice: User, clock: Clock) -> None:
    clock.forward(days=400)  # past any sign-in in this session
    client = Client()
    client.force_login(alice)
    answer = client.post("/settings/mail", {"email": MINE})
    assert answer["Location"].startswith("/sign-in/again")
    assert not EmailAddress.objects.exists()
