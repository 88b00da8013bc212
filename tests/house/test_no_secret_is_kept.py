"""Everything that opens an account is handed out once, and then looked for wherever it might lie:
in every column of the database, in what is logged, and on the page that says that we broke."""

import json
import logging
import re
import types
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from atrium.engines.actions import offer_built_in
from atrium.jobs.inline import run_due
from atrium.kit import clock as kit_clock
from atrium.people.actions import first_admin_link
from atrium.people.models import Session, User
from atrium.people.queries import GUEST_COOKIE
from atrium.urls import urlpatterns
from atrium.web.logs import JsonLines, PlainLines
from atrium.web.policy import page
from tests import make
from tests.conftest import Clock
from tests.people.letters import token_in

pytestmark = pytest.mark.django_db
MAIL = "dora@x.example"
NEW = "quite another phrase"
Secrets = dict[str, str]


class Written(logging.Handler):
    """What both of the house's formatters make of everything that is logged, debugging included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._formatters = (JsonLines(), PlainLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [formatter.format(record) for formatter in self._formatters]


@pytest.fixture
def log() -> Iterator[Written]:
    root, handler = logging.getLogger(), Written()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def whole_database() -> Iterator[tuple[str, str]]:
    """Yield each row of every table there is, ours and others', as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield table, " ".join(_text(value) for value in row)


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def parts(secret: str) -> list[str]:
    """Return the pieces by which a secret is known, even when it was cut or wrapped."""
    if secret.startswith("eyJ"):
        return [secret.rpartition(".")[2]]
    body = secret.rpartition("_")[2] if secret.startswith("atr_") else secret
    return [body[:16], body[-16:]] if len(body) > 16 else [body]


def found_in_database(secrets: Secrets) -> list[str]:
    return [
        f"{name} in {table}"
        for table, text in whole_database()
        for name, secret in secrets.items()
        if any(part in text for part in parts(secret))
    ]


def found_in(text: str, secrets: Secrets) -> list[str]:
    return [name for name, one in secrets.items() if any(part in text for part in parts(one))]


# Everything is handed out


def as_guest_and_member(browser: Client) -> Secrets:
    browser.post("/chat/new", {"text": "Why?"})
    held = {"guest": browser.cookies[GUEST_COOKIE].value}
    asked = {"username": "dora", "password": make.PASSWORD, "email": MAIL}
    assert browser.post("/sign-up", asked).status_code == 302
    held["session"] = browser.cookies["session"].value
    made = browser.post("/settings/keys", {"name": "x", "scopes": ["read"], "lasts": ""})
    held["key"] = re.findall(r"atr_key_\w{39}", made.content.decode())[0]
    codes = browser.post("/settings/rescue-codes").content.decode()
    return held | {"rescue": re.findall(r"<code>(atr_recover_\w+)</code>", codes)[0]}


def as_app(clock: Clock) -> Secrets:
    app = Client()

    def ask(address: str, body: Any, **headers: str) -> Any:
        told = app.post(address, json.dumps(body), "application/json", headers=headers)
        assert told.status_code < 300, told.content
        return told.json()

    who = {"username": "dora", "password": make.PASSWORD}
    first = ask("/api/v1/tokens", who)
    second = ask("/api/v1/tokens/refresh", {"refresh_token": first["refresh_token"]})
    sent = {"Authorization": f"Bearer {second['access_token']}", "Idempotency-Key": "once"}
    key = ask("/api/v1/keys", {"name": "y", "scopes": ["read", "account"]}, **sent)
    flow = ask("/_allauth/app/v1/auth/login", who)["meta"]
    clock.forward(seconds=11)
    reused = {"refresh_token": first["refresh_token"]}
    assert app.post("/api/v1/tokens/refresh", reused, "application/json").status_code == 401
    return {
        "access": second["access_token"],
        "refresh": first["refresh_token"],
        "successor": second["refresh_token"],
        "key for an app": key["token"],
        "session of an app": flow["session_token"],
        "access of a flow": flow["access_token"],
        "refresh of a flow": flow["refresh_token"],
    }


def by_mail(mailoutbox: list[Any]) -> Secrets:
    run_due()
    held = {"confirm": token_in(mailoutbox[0])}
    assert Client().get(f"/confirm/{held['confirm']}").status_code == 200
    assert Client().post(f"/confirm/{held['confirm']}").status_code == 200
    Client().post("/reset", {"email": MAIL})
    run_due()
    link = next(one for one in mailoutbox if "/reset/" in str(one.body))
    return held | {"reset": token_in(link)}


@pytest.fixture
def held(mailoutbox: list[Any], clock: Clock, log: Written) -> Secrets:
    offer_built_in()
    first_admin = first_admin_link(at=clock.now).rpartition("/")[2]
    secrets = as_guest_and_member(Client()) | as_app(clock) | by_mail(mailoutbox)
    run_due()
    return {**secrets, "first administrator": first_admin, "password": make.PASSWORD}


def test_nothing_that_opens_an_account_is_kept_or_logged(held: Secrets, log: Written) -> None:
    assert len(held) == 15
    assert found_in_database(held) == []
    assert found_in("\n".join(log.lines), held) == []


def test_nothing_of_it_is_on_the_page_that_says_we_broke(
    held: Secrets, log: Written, settings: Any
) -> None:
    @page("GET", "POST", who="anyone")
    def breaks(request: HttpRequest) -> HttpResponse:
        said = {**request.POST.dict(), **request.headers, **request.COOKIES}
        raise RuntimeError(f"It broke with {said}.")

    module = types.ModuleType("planted")
    module.urlpatterns = [path("api/breaks", breaks), path("breaks", breaks), *urlpatterns]  # type: ignore[attr-defined]
    module.handler500 = "atrium.web.refusals.handle_error"  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = module
    client = Client(raise_request_exception=False)
    client.cookies["session"] = held["session"]
    client.cookies[GUEST_COOKIE] = held["guest"]
    told = dict(held)
    for address in ("/breaks", "/api/breaks"):
        for secret in ("key", "access of a flow", "key for an app"):
            headers = {
                "Authorization": f"Bearer {held[secret]}",
                "X-Session-Token": held["session"],
            }
            answer = client.post(address, told, headers=headers)
            assert answer.status_code == 500
            assert found_in(answer.content.decode() + str(answer.headers), held) == []
    assert found_in("\n".join(log.lines), held) == []
    assert any("It broke" in line for line in log.lines)


# The harness proves itself


def test_one_that_is_kept_is_found(held: Secrets, log: Written, alice: User) -> None:
    now = kit_clock.now()
    Session.objects.create(
        key_hash="a" * 64,
        payload="",
        agent=f"curl with {held['refresh']}",
        made_at=now,
        seen_at=now,
        expires_at=now + timedelta(days=1),
    )
    assert found_in_database(held) == ["refresh in people_session"]
    assert found_in(f"… {held['access']} …", held) == ["access"]
