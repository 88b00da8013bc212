"""The page between an answer and the world."""

from urllib.parse import quote

import pytest
from django.test import Client

from atrium.web.departures import place_of, way_out

pytestmark = pytest.mark.django_db


def test_it_says_where_the_link_leads_and_goes_nowhere_by_itself(client: Client) -> None:
    address = "https://elsewhere.example/path?told=secret"
    answer = client.get(way_out(address) or "")
    said = answer.content.decode()

    assert "https://<strong>elsewhere.example</strong>/path?told=secret" in said
    assert f'href="{address}" rel="noopener noreferrer nofollow"' in said
    assert answer["X-DNS-Prefetch-Control"] == "off"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "http-equiv" not in said
    assert said.count("elsewhere.example") == 2


def test_what_stands_before_the_name_is_not_taken_for_it(client: Client) -> None:
    said = client.get(way_out("http://bank.example@evil.example:81/x") or "").content.decode()

    assert "http://bank.example@<strong>evil.example:81</strong>/x" in said
    assert "What stands before the @" in said
    assert "not encrypted" in said


def test_letters_that_look_like_others_are_pointed_at(client: Client) -> None:
    said = client.get(way_out("https://xn--pple-43d.example/") or "").content.decode()

    assert "letters that can look like others" in said


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/chat",
        "//elsewhere.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:elsewhere.example",
        "https://a.example\\@b.example",
        "https://a.example/\nx",
        "http://[",
        "https://" + "a" * 5_000,
        "https://good.example／.evil.example/",
    ],
)
def test_nobody_is_led_to_what_is_no_plain_foreign_address(client: Client, address: str) -> None:
    assert place_of(address) is None
    assert way_out(address) is None
    assert client.get(f"/leaving?to={quote(address)}").status_code == 404


def test_a_letter_names_whom_it_is_for() -> None:
    place = place_of("mailto:a@b.example?subject=x")

    assert place
    assert place.is_mail
    assert place.host == "a@b.example"
    assert place.after == "?subject=x"
