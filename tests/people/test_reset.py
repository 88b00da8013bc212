from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from atrium.audit.models import AuditEntry
from atrium.jobs.models import Job
from atrium.kit import clock as house_clock
from atrium.people.actions import LinkGone, change_password, make_reset_link, reset_password
from atrium.people.actions.token_families import open_family
from atrium.people.models import Attempt, MailedLink, TokenFamily, User
from tests import make
from tests.conftest import Clock
from tests.people.letters import arrived, link_in, path_in

MINE = "alice@x.example"
NEW = "quite another phrase"
Outbox = list[Any]


@pytest.fixture
def alice(db: None) -> User:
    return make.person(username="alice", password=make.PASSWORD, email=MINE)


def ask(client: Client, email: str = MINE, **how: Any) -> Any:
    return client.post("/reset", {"email": email}, **how)


def link_for(person: User) -> str:
    made = make_reset_link(email=person.email, at=house_clock.now())
    assert made
    return made[1]


def test_a_lost_password_is_set_anew_by_mail(
    alice: User, client: Client, mailoutbox: Outbox
) -> None:
    there = Client()
    there.force_login(alice)
    family = open_family(person=alice, at=house_clock.now()).family

    assert ask(client, "Alice@X.example")["Location"] == "/reset/sent"
    assert "Look into your mail" in client.get("/reset/sent").content.decode()
    assert arrived(mailoutbox) == [(MINE, "Set a new password")]
    path = path_in(mailoutbox[0])
    assert client.get(path).status_code == 200
    assert client.post(path, {"new": "short"}).status_code == 422, "and the link still works"
    assert client.post(path, {"new": NEW})["Location"] == "/sign-in"

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert client.get("/settings").status_code == 302, "it signs nobody in"
    assert there.get("/settings").status_code == 302
    assert TokenFamily.objects.get(pk=family.pk).ended_at
    assert arrived(mailoutbox)[-1] == (MINE, "Your password was changed")
    assert AuditEntry.objects.filter(action="people.password_changed").count() == 1


def test_every_address_is_answered_alike_and_the_job_finds_out(
    alice: User, bob: User, mailoutbox: Outbox
) -> None:
    answers = [ask(Client(), email) for email in (MINE, "nobody@x.example")]
    assert len({(one.status_code, one["Location"]) for one in answers}) == 1
    jobs = Job.objects.filter(name="people.send_reset_link")
    assert [set(job.arguments) for job in jobs] == [{"sealed", "language"}] * 2
    assert not any("x.example" in str(job.arguments) for job in jobs)
    assert arrived(mailoutbox) == [(MINE, "Set a new password")]


def test_asking_makes_the_same_queries_for_known_and_unknown(alice: User) -> None:
    counts = []
    for email in ("warm@x.example", MINE, "nobody@x.example"):
        with CaptureQueriesContext(connection) as asked:
            ask(Client(), email)
        counts.append([one["sql"].split(" ", 2)[0] for one in asked.captured_queries])
    assert counts[1] == counts[2]


def test_an_unconfirmed_address_gets_no_link(alice: User, mailoutbox: Outbox) -> None:
    alice.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
    ask(Client())
    assert arrived(mailoutbox) == []


@pytest.mark.parametrize("how", ["used", "expired", "replaced", "changed", "made up"])
def test_a_link_that_ended_says_why(alice: User, client: Client, clock: Clock, how: str) -> None:
    token = link_for(alice)
    said = {
        "used": "was used already",
        "expired": "too old",
        "replaced": "took its place",
        "changed": "took its place",
        "made up": "not one of ours",
    }
    if how == "used":
        reset_password(token=token, new=NEW, at=clock.now)
    elif how == "expired":
        clock.forward(hours=1)
    elif how == "replaced":
        link_for(alice)
    elif how == "changed":
        change_password(person=alice, old=make.PASSWORD, new=NEW, at=clock.now)
    else:
        token = "atr_reset_" + "x" * 39
    alice.refresh_from_db()
    kept = alice.password

    for answer in (client.get(f"/reset/{token}"), client.post(f"/reset/{token}", {"new": NEW})):
        assert answer.status_code == 410
        assert said[how] in answer.content.decode()
    alice.refresh_from_db()
    assert alice.password == kept


NAMES = (
    "evil.example",
    "evil.example:80",
    "localhost@evil.example",
    "[::1]",
    "xn--e1afmkfd.example",
)
HEADERS = (
    "Host",
    "X-Forwarded-Host",
    "X-Host",
    "X-Forwarded-Server",
    "X-HTTP-Host-Override",
    "Forwarded",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Origin",
    "Referer",
)


def test_no_header_of_fifty_leads_the_link_elsewhere(alice: User, mailoutbox: Outbox) -> None:
    sent = 0
    for header in HEADERS:
        for number, name in enumerate(NAMES):
            value = f"host={name}" if header == "Forwarded" else name
            value = f"http://{name}/reset" if "URL" in header or header[0] in "OR" else value
            away = {"REMOTE_ADDR": f"192.0.2.{number}"}
            ask(Client(), headers={header: value}, **away)
            arrived(mailoutbox)
            Attempt.objects.filter(bucket__startswith="letter:").delete()  # bounded elsewhere
            sent += 1

    assert sent == 50
    letters = [letter for letter in mailoutbox if letter.subject == "Set a new password"]
    assert len(letters) == 50
    for letter in letters:
        assert link_in(letter).startswith(settings.PUBLIC_ADDRESS + "/reset/atr_reset_")
        whole = str(letter.message())
        assert "evil" not in whole
        assert "xn--" not in whole


def test_a_whole_address_in_the_request_line_leads_nowhere_else(
    alice: User, client: Client, mailoutbox: Outbox
) -> None:
    client.generic(
        "POST",
        "http://evil.example/reset",
        f"email={MINE}",
        content_type="application/x-www-form-urlencoded",
    )
    arrived(mailoutbox)
    assert mailoutbox
    assert link_in(mailoutbox[0]).startswith(settings.PUBLIC_ADDRESS)


def test_one_network_cannot_ask_for_ever(alice: User) -> None:
    statuses = [ask(Client(), f"a{number}@x.example").status_code for number in range(21)]
    assert statuses == [302] * 20 + [429]


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_who_use_one_link_one_sets_the_password() -> None:
    person = make.person(username="alice", password=make.PASSWORD, email=MINE)
    token, gate = link_for(person), Barrier(16)

    def use(number: int) -> str:
        gate.wait()
        try:
            reset_password(token=token, new=f"{NEW} {number}", at=house_clock.now())
        except LinkGone as refusal:
            return refusal.code
        else:
            return str(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        ends = list(pool.map(use, range(16)))

    assert sorted(ends)[1:] == ["link_used"] * 15
    person.refresh_from_db()
    assert person.check_password(f"{NEW} {min(ends)}")
    assert MailedLink.objects.get().used_at
