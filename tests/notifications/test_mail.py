import re
from collections.abc import Iterator
from email.message import EmailMessage
from io import StringIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.core.management import call_command
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.jobs.inline import run_due
from atrium.jobs.models import Job
from atrium.kit import clock as kit_clock
from atrium.notifications import actions, queries
from atrium.notifications.models import Address, Mail, Notification
from atrium.notifications.registry import kind_of
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


class Post:
    """A mail server that keeps what it takes, and answers as it is told."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        if self.to_data.startswith("250"):
            content = envelope.content or b""
            raw = content if isinstance(content, bytes) else content.encode()
            self.letters.append(_parsed(raw))
        return self.to_data


def _parsed(raw: bytes) -> EmailMessage:
    from email import message_from_bytes, policy  # noqa: PLC0415

    return message_from_bytes(raw, policy=policy.default)


class Office(Controller):
    """Listens wherever there is room."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    office = Post()
    served = Office(office, hostname="127.0.0.1", port=0)
    served.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = served.port
    yield office
    served.stop()


@pytest.fixture
def reader() -> User:
    return make.person(username="olena", email="olena@example.org")


def tell(person: User) -> Notification:
    told = actions.notify(
        person=person,
        kind="people.new_sign_in",
        params={"device": "Firefox\r\nBcc: all@example.org"},
        url="/settings",
        at=kit_clock.now(),
    )
    assert told
    return told


def work(clock: Any, *, times: int = 1) -> None:
    for _ in range(times):
        clock.forward(hours=1)
        run_due(clock.now)


def test_a_letter_has_text_html_and_a_way_out(post: Post, reader: User) -> None:
    told = tell(reader)
    run_due()
    (letter,) = post.letters
    assert letter["To"] == "olena@example.org"
    assert letter["Bcc"] is None
    assert letter["Subject"] == "A new sign-in to your account"
    assert letter["Message-ID"] == f"<{told.pk.hex}@localhost>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    kinds = [part.get_content_type() for part in letter.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    for part in ("plain", "html"):
        text = letter.get_body((part,)).get_content()
        assert "/settings" in text
        assert "/notifications/unsubscribe/" in text
    assert Mail.objects.get().sent_at


def test_letters_come_from_whom_the_operator_says(post: Post, reader: User) -> None:
    said: dict[str, Any] = {"key": "mail.from", "by": "system", "at": kit_clock.now()}
    set_option(text="Дім Ольги <house@example.org>", **said)
    tell(reader)
    run_due()
    set_option(text="house@example.net", **said)
    actions.send_test_mail(to="olena@example.org", by="system", at=kit_clock.now())

    written, tried = post.letters
    assert str(written["From"]) == "Дім Ольги <house@example.org>"
    assert str(tried["From"]) == "house@example.net"


def test_no_job_row_holds_a_link(post: Post, reader: User) -> None:
    tell(reader)
    row = str(list(Job.objects.filter(name="notifications.send_mail").values()))
    assert "unsubscribe" not in row
    assert "olena" not in row


def test_one_click_ends_one_kind_of_mail(post: Post, reader: User) -> None:
    tell(reader)
    run_due()
    address = re.fullmatch(r"<https?://[^/]+(/.*)>", post.letters[0]["List-Unsubscribe"].strip())
    assert address
    stranger = Client(enforce_csrf_checks=True)
    asked = stranger.get(address[1])
    assert (asked.status_code, "Stop this mail" in asked.content.decode()) == (200, True)
    kind = kind_of("people.new_sign_in")
    assert kind
    assert "mail" in queries.channels_for(reader, kind)
    done = stranger.post(address[1], {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert queries.channels_for(reader, kind) == {"in_app"}
    assert stranger.post(f"{address[1]}x").status_code == 403


def test_a_letter_is_in_the_language_of_its_reader(post: Post, reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(language="uk")
    tell(reader)
    run_due()
    html = post.letters[0].get_body(("html",)).get_content()
    assert '<html lang="uk"' in html


def test_a_letter_is_sent_once(post: Post, reader: User) -> None:
    tell(reader)
    run_due()
    job = Job.objects.get(name="notifications.send_mail")
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, attempt=0, ended_at=None)
    run_due()
    assert len(post.letters) == 1


def test_a_server_that_is_down_is_tried_again(post: Post, reader: User, clock: Any) -> None:
    post.to_data = "451 try later"
    tell(reader)
    work(clock)
    assert Mail.objects.get().sent_at is None
    post.to_data = "250 OK"
    work(clock)
    assert len(post.letters) == 1
    assert Mail.objects.get().sent_at


def test_without_a_server_the_letter_dies_and_the_page_still_tells(
    settings: Any, reader: User, clock: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tell(reader)
    work(clock, times=8)
    job = Job.objects.get(name="notifications.send_mail")
    assert job.state == Job.State.FAILED
    assert Mail.objects.get().given_up_at
    assert queries.unread_count(make.caller(reader)) == 1


def test_an_address_that_takes_no_mail_is_left_alone(
    post: Post, reader: User, clock: Any, client: Client
) -> None:
    post.to_recipient = "550 no such mailbox"
    for _ in range(3):
        tell(reader)
        work(clock)
    assert Address.objects.get().refusals == 3
    assert queries.trouble_with("OLENA@example.org")
    post.to_recipient = "250 OK"
    tell(reader)
    work(clock)
    assert post.letters == []
    client.force_login(reader)
    shown = client.get("/notifications/choices").content.decode()
    assert "no such mailbox" in shown
    client.post("/notifications/address/try-again")
    tell(reader)
    work(clock)
    assert len(post.letters) == 1
    assert not Address.objects.exists()


def test_the_operator_can_try_the_mail(post: Post) -> None:
    out = StringIO()
    call_command("mail", "test", "root@example.org", stdout=out)
    assert "took a letter" in out.getvalue()
    assert post.letters[0]["To"] == "root@example.org"
    post.to_data = "554 we do not like you"
    with pytest.raises(SystemExit):
        call_command("mail", "test", "root@example.org", "--json", stdout=out)
    with pytest.raises(actions.MailFailed, match="do not like you"):
        actions.send_test_mail(to="root@example.org", by="system", at=kit_clock.now())


def test_the_operator_can_try_the_mail_in_the_console(post: Post, client: Client) -> None:
    client.force_login(make.admin(email="root@example.org"))
    address = "/console/notifications/mail/test/"
    assert 'value="root@example.org"' in client.get(address).content.decode()

    answer = client.post(address, {"to": "ops@example.org"}, follow=True)

    assert "took a letter to ops@example.org" in answer.content.decode()
    assert post.letters[0]["To"] == "ops@example.org"
    noted = AuditEntry.objects.get(action="mail.tested")
    assert noted.by.startswith("person:")
    post.to_data = "554 we do not like you"
    refused = client.post(address, {"to": "ops@example.org"})
    assert refused.status_code == 422
    assert "we do not like you" in refused.content.decode()
    assert client.post(address, {"to": "no address"}).status_code == 422
    assert AuditEntry.objects.filter(action="mail.tested").count() == 1


def test_support_sends_no_test_mail(client: Client, db: None) -> None:
    client.force_login(make.person(staff_areas=["support"]))
    assert client.post("/console/notifications/mail/test/", {"to": "a@b.org"}).status_code == 404


def test_letters_are_listed_without_what_they_say(
    post: Post, client: Client, reader: User, clock: Any
) -> None:
    tell(reader)
    client.force_login(make.admin())
    said = client.get("/console/notifications/mail/").content.decode()
    assert reader.username in said
    assert "waits" in said
    assert reader.email not in said
    letter = f"/console/notifications/mail/{Mail.objects.get().pk}/change/"
    assert client.get(letter).status_code == 200
