import json
from typing import Any

import pytest
from django.test import Client

from atrium.web import health, metrics, shell

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_process_says_that_it_lives_and_is_ready(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    told = json.loads(client.get("/readyz").content)
    assert told["probes"]["database"]["ok"]
    assert told["probes"]["migrations"]["ok"]


def test_a_probe_that_fails_makes_it_unready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise health.NotReady("no worker was seen")

    monkeypatch.setitem(health._probes, "planted", broken)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert json.loads(answer.content)["probes"]["planted"]["saw"] == "no worker was seen"


def test_counters_are_shown_to_this_machine_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert b"# TYPE atrium_requests_total counter" in client.get("/metrics").content
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404

    monkeypatch.setattr(metrics, "token", lambda: "a-long-word")
    away: Any = {"REMOTE_ADDR": "192.0.2.1"}
    assert client.get("/metrics", headers={"Authorization": "Bearer a-long-word"}, **away).content
    wrong = client.get("/metrics", headers={"Authorization": "Bearer wrong"}, **away)
    assert wrong.status_code == 404


def test_a_histogram_counts_upwards_and_escapes_its_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "_metrics", dict(metrics._metrics))
    seen = metrics.Histogram("planted_seconds", "For this test.", bounds=(0.1, 1))
    for seconds in (0.05, 0.5, 5):
        seen.see(seconds, to='a"b')

    lines = [line for line in metrics.exposition().splitlines() if line.startswith("planted")]

    assert lines == [
        'planted_seconds_bucket{to="a\\"b",le="0.1"} 1',
        'planted_seconds_bucket{to="a\\"b",le="1"} 2',
        'planted_seconds_bucket{to="a\\"b",le="+Inf"} 3',
        'planted_seconds_sum{to="a\\"b"} 5.55',
        'planted_seconds_count{to="a\\"b"} 3',
    ]


def test_a_theme_and_a_language_are_kept_in_this_browser(client: Client) -> None:
    answer = client.post("/preferences", {"theme": "dark", "language": "uk"})

    assert answer["Location"] == "/"
    assert answer.cookies["theme"].value == "dark"
    assert answer.cookies["theme"]["httponly"]
    said = client.get("/offline").content.decode()
    assert 'data-theme="dark"' in said
    assert 'lang="uk"' in said


def test_nonsense_is_not_kept_and_nobody_is_sent_away(client: Client) -> None:
    answer = client.post(
        "/preferences",
        {"theme": "<b>", "language": "../x"},
        headers={"Referer": "https://elsewhere.example/"},
    )

    assert answer["Location"] == "/"
    assert not answer.cookies


def test_the_app_can_be_installed(client: Client) -> None:
    told = json.loads(client.get("/manifest.webmanifest").content)
    assert {icon["sizes"] for icon in told["icons"]} >= {"192x192", "512x512"}
    worker = client.get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert b"&quot;" not in worker.content


def test_the_page_kept_for_later_holds_nothing_of_anybody(client: Client) -> None:
    assert b'name="csrf"' not in client.get("/offline").content


def test_the_style_page_shows_every_part_and_hides_in_production(
    client: Client, settings: Any
) -> None:
    said = client.get("/look").content.decode()
    assert " style=" not in said
    assert "<script>" not in said
    assert " onclick=" not in said

    settings.PRODUCTION = True
    assert client.get("/look").status_code == 404


def test_a_room_is_current_on_its_pages_and_gone_when_it_is_closed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shell.Room("planted", "Planted room", "web:look", "chat", 1)
    monkeypatch.setitem(shell._rooms, "planted", room)
    monkeypatch.setattr(shell, "room_is_open", lambda key: True)
    said = client.get("/look").content.decode()
    assert 'href="/look" aria-current="page"' in said

    monkeypatch.setattr(shell, "room_is_open", lambda key: key != "planted")
    assert "Planted room" not in client.get("/look").content.decode()
