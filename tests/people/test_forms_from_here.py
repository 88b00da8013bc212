"""Whose forms are taken: those of the address that was opened, and of the public one."""

import re
from typing import Any

import pytest
from django.test import Client

from atrium.people.models import User
from tests import make

pytestmark = pytest.mark.django_db


def signing_in(*, host: str, origin: str) -> Any:
    make.person(username="alice", password=make.PASSWORD)
    client = Client(enforce_csrf_checks=True, headers={"host": host})
    page = client.get("/sign-in").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = {"username": "alice", "password": make.PASSWORD, "csrfmiddlewaretoken": token[1]}
    return client.post("/sign-in", form, headers={"origin": origin})


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),  # while the house says localhost
        ("[::1]:8000", "http://[::1]:8000"),
        ("10.0.0.3:8000", "https://atrium.example"),  # as a proxy in front asks us
    ],
)
def test_a_newcomer_signs_in_at_whichever_address_they_opened(
    settings: Any, host: str, origin: str
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://atrium.example"]

    assert signing_in(host=host, origin=origin).status_code == 302


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_a_form_from_elsewhere_is_refused(origin: str) -> None:
    answer = signing_in(host="127.0.0.1:8000", origin=origin)

    assert answer.status_code == 403
    assert User.objects.get().last_seen_at is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80@localhost", "x' onerror='"])
def test_no_link_is_made_of_the_host_header(host: str) -> None:
    for where in ("/", "/sign-in", "/chat", "/nowhere", "/api/docs"):
        answer = Client(headers={"host": host, "x-forwarded-host": host}).get(where)
        assert "evil.example" not in answer.content.decode()
        assert "onerror" not in answer.content.decode()
        assert "evil.example" not in answer.get("Location", "")
