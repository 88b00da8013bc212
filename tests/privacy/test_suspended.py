"""Who is kept out can have a copy of their data all the same."""

import re
import zipfile
from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client

from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.people.actions import lift_suspension, suspend
from atrium.people.models import User
from atrium.privacy import actions
from atrium.privacy.models import Export
from tests import make
from tests.conftest import Clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob_kept_out() -> User:
    make.admin()
    bob = make.person(username="bob", password=make.PASSWORD)
    suspend(person=bob, reason="It was late.", by="system", at=kit_clock.now())
    return bob


def reads_why(client: Client, name: str = "bob") -> Client:
    client.post("/sign-in", {"username": name, "password": make.PASSWORD})
    return client


def test_a_copy_is_asked_for_made_and_taken(client: Client, bob_kept_out: User) -> None:
    assert client.get("/suspended/data")["Location"].startswith("/sign-in")
    assert client.post("/suspended/data")["Location"].startswith("/sign-in")
    assert not Export.objects.exists()

    reads_why(client)
    assert 'href="/suspended/data"' in client.get("/suspended").content.decode()
    assert client.post("/suspended/data")["Location"] == "/suspended/data"
    page = client.get("/suspended/data").content.decode()
    assert "being made" in page
    assert "Make a copy" not in page
    run_due()
    page = client.get("/suspended/data").content.decode()
    link = re.search(r"/suspended/data/[0-9a-f-]{36}", page)
    assert link, page
    zipped = b"".join(client.get(link[0]).streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(BytesIO(zipped)).testzip() is None

    lift_suspension(person=bob_kept_out, reason="", by="system", at=kit_clock.now())
    assert client.get(link[0]).status_code == 404
    assert client.get("/suspended/data")["Location"].startswith("/sign-in")


def test_nobody_elses_copy_is_theirs(client: Client, bob_kept_out: User, alice: User) -> None:
    hers = actions.ask_export(by=make.caller(alice), at=kit_clock.now())
    staffs = actions.break_glass(
        person=bob_kept_out, reason="A court asked.", by="system", at=kit_clock.now()
    )
    run_due()

    reads_why(client)
    page = client.get("/suspended/data").content.decode()
    for export_id in (hers.pk, staffs.pk, uuid4()):
        assert str(export_id) not in page
        assert client.get(f"/suspended/data/{export_id}").status_code == 404
    assert Client().get(f"/suspended/data/{hers.pk}").status_code == 404


def test_after_an_hour_they_prove_again_who_they_are(
    client: Client, bob_kept_out: User, clock: Clock
) -> None:
    reads_why(client)
    clock.forward(hours=1)

    assert client.post("/suspended/data").status_code == 302
    assert not Export.objects.exists()
