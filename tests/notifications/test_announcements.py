from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page, expect

from atrium.audit.models import AuditEntry
from atrium.jobs.models import Job
from atrium.kit import clock as kit_clock
from atrium.notifications.actions import BadAnnouncement, announce, withdraw
from atrium.notifications.models import Announcement, Dismissal
from atrium.options.actions import set_option
from atrium.people.models import User
from tests import make
from tests.conftest import Clock
from tests.house.browser import axe, sign_in

TOLD = "On Sunday we move to a new machine."


def tell(**more: Any) -> Announcement:
    return announce(**{"text": TOLD, "by": "system", "at": kit_clock.now(), **more})


@pytest.mark.django_db
def test_it_stands_above_every_page_also_a_strangers(client: Client, alice: User) -> None:
    tell()

    assert TOLD in client.get("/").content.decode()
    assert TOLD in client.get("/sign-in").content.decode()
    client.force_login(alice)
    assert TOLD in client.get("/settings").content.decode()
    assert AuditEntry.objects.filter(action="announcement.made").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("shown_to", "sees"),
    [
        ("everybody", {"nobody", "member", "staff"}),
        ("members", {"member", "staff"}),
        ("staff", {"staff"}),
    ],
)
def test_only_those_it_is_for_see_it(client: Client, shown_to: str, sees: set[str]) -> None:
    tell(shown_to=shown_to)
    found = set()
    staff = make.person(staff_areas=["support"])
    for name, who in (("nobody", None), ("member", make.person()), ("staff", staff)):
        client.logout()
        if who:
            client.force_login(who)
        shown = TOLD in client.get("/").content.decode()
        told = [one["text"] for one in client.get("/api/v1/announcements").json()["items"]]
        assert (told == [TOLD]) is shown
        found |= {name} if shown else set()

    assert found == sees


@pytest.mark.django_db
def test_it_comes_and_goes_at_its_time(client: Client, clock: Clock) -> None:
    begins, ends = clock.now + timedelta(hours=1), clock.now + timedelta(hours=2)
    tell(begins_at=begins, ends_at=ends)
    seen = []
    for _hour in range(3):
        seen.append(TOLD in client.get("/").content.decode())
        clock.forward(hours=1)

    assert seen == [False, True, False]
    # All open pages are told at both moments.
    moments = Job.objects.filter(name="notifications.tell_news").order_by("run_at")
    assert [job.run_at for job in moments] == [begins, ends]


@pytest.mark.django_db
def test_a_person_puts_it_away_in_all_browsers(client: Client, alice: User, bob: User) -> None:
    made = tell()
    client.force_login(alice)

    answer = client.post(f"/announcements/{made.pk}/dismiss", {"next": "/files"})
    client.post(f"/announcements/{made.pk}/dismiss")

    assert answer["Location"] == "/files"
    assert Dismissal.objects.get().person == alice
    other = Client()
    other.force_login(alice)
    assert TOLD not in other.get("/").content.decode()
    assert TOLD in other.get("/announcements").content.decode()
    other.force_login(bob)
    assert TOLD in other.get("/").content.decode()


@pytest.mark.django_db
def test_somebody_without_an_account_puts_it_away_in_this_browser(client: Client) -> None:
    first, second = tell(), tell(text="And on Monday again.")
    assert client.get("/").content.decode().count('class="announcement ') == 2

    for made in (first, second):
        client.post(f"/announcements/{made.pk}/dismiss")

    assert "announcement" not in client.get("/").content.decode().split("<main")[0]
    assert not Dismissal.objects.exists()
    assert TOLD in Client().get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", ["", ".", "x", "." * 5000, "é", "a.b;c"])
def test_a_made_up_cookie_does_nothing(client: Client, cookie: str) -> None:
    made = tell()
    client.cookies["dismissed"] = cookie

    assert TOLD in client.get("/").content.decode()
    assert client.post(f"/announcements/{made.pk}/dismiss").status_code == 302
    assert len(client.cookies["dismissed"].value) < 300


@pytest.mark.django_db
def test_what_may_not_be_put_away_stays(client: Client, alice: User) -> None:
    made = tell(is_dismissible=False, level="warning")
    client.force_login(alice)

    client.post(f"/announcements/{made.pk}/dismiss")

    assert TOLD in client.get("/").content.decode()
    assert not Dismissal.objects.exists()


@pytest.mark.django_db
def test_withdrawn_it_goes_at_once(client: Client) -> None:
    made = tell()
    assert TOLD in client.get("/").content.decode()

    withdraw(announcement=made, by="system", at=kit_clock.now())
    withdraw(announcement=made, by="system", at=kit_clock.now())

    assert TOLD not in client.get("/").content.decode()
    assert AuditEntry.objects.filter(action="announcement.withdrawn").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "},
        {"text": "x" * 501},
        {"link": "javascript:alert(1)"},
        {"link": "//evil.example"},
        {"link": "/\\evil.example"},
        {"link": "http://plain.example"},
        {"link": "https://a@evil.example"},
        {"ends_at": kit_clock.now() - timedelta(days=1)},
    ],
)
def test_what_would_mislead_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadAnnouncement):
        tell(**wrong)
    assert not Announcement.objects.exists()


@pytest.mark.django_db
def test_it_reaches_people_when_the_room_of_notifications_is_closed(client: Client) -> None:
    set_option(key="room.notifications", text="false", by="system", at=kit_clock.now())
    made = tell()

    assert TOLD in client.get("/").content.decode()
    assert client.get("/announcements").status_code == 200
    assert client.get("/api/v1/announcements").json()["items"]
    assert client.post(f"/announcements/{made.pk}/dismiss").status_code == 302
    assert TOLD not in client.get("/").content.decode()


@pytest.mark.django_db
def test_its_words_are_no_markup(client: Client) -> None:
    tell(text="<b>bold</b> & more", link="/files?a=1&b='\"")

    said = client.get("/").content.decode()

    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in said
    assert 'href="/files?a=1&amp;b=&#x27;&quot;"' in said


@pytest.mark.django_db
def test_a_page_asks_the_database_once_in_a_while(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.get("/settings")

    with CaptureQueriesContext(connection) as asked:
        client.get("/settings")

    assert not [one for one in asked if "announcement" in one["sql"]]


@pytest.mark.django_db
def test_an_administrator_announces_and_withdraws_in_the_console(client: Client) -> None:
    client.force_login(make.admin())
    told = {"text": TOLD, "level": "info", "shown_to": "members", "link": "/files"}
    new = "/console/notifications/announcement/new/"
    assert client.get(new).status_code == 200

    assert client.post(new, {**told, "link": "nonsense"}).status_code == 422
    assert client.post(new, told).status_code == 302
    made = Announcement.objects.get()
    assert not made.is_dismissible
    page = f"/console/notifications/announcement/{made.pk}"
    assert "shown now" in client.get("/console/notifications/announcement/").content.decode()
    assert client.post(f"{page}/do/withdraw/").status_code == 302
    made.refresh_from_db()
    assert made.withdrawn_at


@pytest.mark.django_db
def test_other_staff_do_not_announce(client: Client) -> None:
    client.force_login(make.person(staff_areas=["support", "finance", "moderation"]))

    assert client.get("/console/notifications/announcement/new/").status_code == 404
    assert client.post("/console/notifications/announcement/new/", {}).status_code == 404


@pytest.mark.browser
def test_it_comes_to_a_page_that_is_open_and_goes_again(
    page: Page, server: str, transactional_db: Any
) -> None:
    make.person(username="alice", password=make.PASSWORD)
    sign_in(page, "alice", make.PASSWORD)
    with page.expect_response("**/badges"):  # asked once it can hear
        page.goto("/settings")
    bar = page.locator(".announcement")
    expect(bar).to_have_count(0)

    made = tell(link="/files")

    expect(bar).to_contain_text(TOLD, timeout=20_000)
    assert axe(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    page.get_by_role("button", name="I have read this").click()
    expect(bar).to_have_count(0)
    with page.expect_response("**/badges"):
        page.reload()
    expect(bar).to_have_count(0)
    tell(text="A second one.", is_dismissible=False, level="warning")
    expect(bar).to_contain_text("A second one.", timeout=20_000)
    assert axe(page) == []
    withdraw(announcement=Announcement.objects.latest("made_at"), by="system", at=made.made_at)
    expect(bar).to_have_count(0, timeout=20_000)
