from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page, expect

from atrium.kit import clock
from atrium.notifications import actions
from atrium.people.models import User
from tests import make
from tests.house.browser import axe, sign_in


def tell(person: User) -> None:
    params = {"device": "Firefox"}
    actions.notify(person=person, kind="people.new_sign_in", params=params, at=clock.now())


def test_the_number_of_unread_stands_beside_the_room(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "<span>0</span>" in client.get("/notifications").content.decode()
    tell(alice)
    tell(alice)

    with CaptureQueriesContext(connection) as asked:
        said = client.get("/settings").content.decode()

    assert 'data-field="unread"><span class="sr">Unread: </span><span>2</span>' in said
    counts = [one["sql"] for one in asked if "COUNT" in one["sql"] and "notification" in one["sql"]]
    assert len(counts) == 1


def test_a_page_that_can_hear_asks_once_more(client: Client, alice: User) -> None:
    assert client.get("/badges").json() == {}
    client.force_login(alice)
    tell(alice)
    assert client.get("/badges").json() == {"notifications": 1}


@pytest.mark.browser
def test_the_number_follows_what_is_told(page: Page, server: str, transactional_db: Any) -> None:
    alice = make.person(username="alice", password=make.PASSWORD)
    sign_in(page, "alice", make.PASSWORD)
    with page.expect_response("**/badges"):  # asked once it can hear
        page.goto("/settings")
    rail = page.locator(".rail")
    # The sign-in itself is told: its device is new.
    expect(rail.get_by_role("link", name="Notifications Unread: 1")).to_be_visible(timeout=15_000)

    tell(alice)

    expect(rail.get_by_role("link", name="Notifications Unread: 2")).to_be_visible()
    assert axe(page) == []
    actions.mark_all_read(by=make.caller(alice), at=clock.now())
    expect(rail.locator("[data-badge]")).to_be_hidden()
