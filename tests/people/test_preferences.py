from django.test import Client

from atrium.people.models import User
from tests import make
from tests.conftest import Clock


def test_what_a_person_chooses_is_theirs_in_every_browser(alice: User) -> None:
    here, there = Client(), Client()
    here.force_login(alice)
    there.force_login(alice)

    here.post("/preferences", {"language": "uk", "theme": "dark"})

    page = there.get("/settings").content.decode()
    assert '<html lang="uk"' in page
    assert 'data-theme="dark"' in page


def test_a_stranger_keeps_it_in_this_browser(client: Client, db: None) -> None:
    client.post("/preferences", {"language": "uk", "theme": "dark"})

    page = client.get("/sign-in").content.decode()
    assert '<html lang="uk"' in page
    assert 'data-theme="dark"' in page


def test_else_the_browsers_own_language_is_spoken(client: Client, db: None) -> None:
    answer = client.get("/sign-in", headers={"Accept-Language": "uk, en;q=0.5"})

    assert answer["Content-Language"] == "uk"
    assert "Accept-Language" in answer["Vary"]


def test_the_settings_go_before_what_this_browser_chose(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/preferences", {"theme": "light"})
    client.post("/settings", {"theme": "dark", "language": "uk"})

    page = client.get("/settings").content.decode()
    assert '<html lang="uk"' in page
    assert 'data-theme="dark"' in page


def test_times_are_told_in_the_persons_time_zone(client: Client, alice: User, clock: Clock) -> None:
    make.kept_file(by=alice)
    client.force_login(alice)
    assert "Nov. 21, 2026, 12:00" in client.get("/files").content.decode()

    User.objects.update(time_zone="Pacific/Kiritimati")

    assert "Nov. 22, 2026, 02:00" in client.get("/files").content.decode()
