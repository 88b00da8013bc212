from uuid import uuid4

import pytest
from django.test import Client

from atrium.kit import clock
from atrium.people.actions import open_family
from atrium.people.models import User
from atrium.people.queries import apps_of


@pytest.fixture
def here(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_an_app_is_signed_out(here: Client, alice: User) -> None:
    held, other = (open_family(person=alice, at=clock.now()) for _number in range(2))

    answer = here.post(f"/settings/apps/{held.family.pk}/end")

    assert answer["Location"] == "/settings/security"
    assert apps_of(alice) == [other.family]


def test_nobody_signs_out_anothers(here: Client, alice: User, charlie: User) -> None:
    theirs = open_family(person=charlie, at=clock.now())

    assert here.post(f"/settings/apps/{theirs.family.pk}/end").status_code == 404
    assert here.post(f"/settings/apps/{uuid4()}/end").status_code == 404
    assert apps_of(charlie) == [theirs.family]


def test_words_of_a_stranger_are_shown_as_text(here: Client, alice: User) -> None:
    open_family(person=alice, agent="<script>alert(1)</script>", at=clock.now())

    assert "<script>alert(1)" not in here.get("/settings/security").content.decode()
