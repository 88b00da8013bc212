"""A word of its own in everything that alice has; nobody else is ever answered with one of them."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from atrium.asgi import identify
from atrium.chat.models import Chat
from atrium.events.hub import Hub
from atrium.events.stream import EventStream
from atrium.files.links import signed_address
from atrium.files.models import File
from atrium.files.storage import path_of
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.people.access import shown_name
from atrium.people.actions.guests import choose_anonymity
from atrium.web.policy import page
from tests import make
from tests.house.matrix.asking import Sent, answered, body_of, outcome
from tests.house.matrix.everybody import STAFF, Everybody
from tests.house.matrix.routes import Asked, every_way
from tests.house.matrix.whose import fill, rows_of, texts_of, ways_to_owners
from tests.house.shares import is_ours

# Thousands of calls; the general limit is for tests that hang.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

STRANGERS = ("nobody", "other-guest", "stranger", "suspended", "other-key", "revoked-key")
PRIVATE = {"chat", "sources", "files", "metering", "notifications", "events"}
"""Rooms whose words not even the staff may read,"""
SAID_BY_OTHERS = {"notifications.Mail.why_not"}
"""but for what a mail server said."""
WITHOUT_A_ROW: dict[str, str] = {
    "files.Usage": "counts bytes, and holds no words",
    "people.Guest": "alice is a person",
    "jobs.Schedule": "the house's own; the last job it made is nobody's",
}
GIVEN_AWAY = {
    *("chat.SharedCopy.title", "chat.SharedTurn.text", "chat.SharedTurn.speaker"),
    *("chat.SharedTurn.sources", "chat.SharedFile.title", "the file's bytes"),
}
"""What alice shared herself, for whoever has the link; those who ask here all have it,"""
BY_ITS_LINK = ("GET /shared/<str:share_token>", "GET /api/v1/chats/shared/<share_token>")
"""and it stands nowhere else."""
SEEN_BY_THEIR_OWNER = {
    *("chat.Chat.title", "chat.Turn.text", "chat.Turn.failure", "chat.Citation.title"),
    *("files.File.name", "sources.Document.title", "sources.Document.failure", "the file's bytes"),
    *("people.User.display_name", "people.ApiKey.name", "people.Session.agent"),
    *("notifications.Notification.params",),
}
"""What alice is shown of her own, so that looking for it in vain elsewhere says something."""
SEARCH = "?q=canary"
"""Each engine searches in its own way."""
QUERIES = ("", "?trash=1", "?after=", SEARCH, "?from=0", "?next=/", "?size=200")
_BIRD = re.compile(rb"canary[0-9]{4}x")


@dataclass
class Birds:
    """What each canary stands for."""

    names: dict[bytes, str]

    def in_answer(self, body: bytes) -> set[str]:
        return {self.names[bird] for bird in _BIRD.findall(body)}


@pytest.fixture
def birds(everybody: Everybody) -> Birds:
    """Put a canary into every text of everything that is alice's."""
    planted = Birds({})
    for table, ways in ways_to_owners().items():
        rows = rows_of(everybody.alice, table, ways)
        for field in texts_of(table):
            bird = _next(planted, f"{table._meta.label}.{field.name}")
            if rows.exists() and not fill(rows, field, bird):
                fill(rows, field, bird[: field.max_length])
    bird = _next(planted, "the file's bytes")
    for file in File.objects.filter(person=everybody.alice):
        with path_of(file.storage_name).open("r+b") as opened:
            opened.write(bird.encode())
    return planted


def _next(planted: Birds, name: str) -> str:
    bird = f"canary{len(planted.names):04}x"
    planted.names[bird.encode()] = name
    return bird


def test_there_is_a_row_in_every_table_that_is_somebodys(everybody: Everybody) -> None:
    without = {
        table._meta.label
        for table, ways in ways_to_owners().items()
        if not rows_of(everybody.alice, table, ways).exists()
    }

    assert without <= set(WITHOUT_A_ROW), "make one in tests/house/matrix/belongings.py"


def test_alice_finds_her_own_words(everybody: Everybody, birds: Birds) -> None:
    found = heard(everybody, birds, calls(["owner"], every_way(), queries=("",)))

    assert set(found) >= SEEN_BY_THEIR_OWNER


def test_strangers_find_none_of_them(everybody: Everybody, birds: Birds) -> None:
    found = heard(everybody, birds, ours(calls(STRANGERS, every_way())))

    assert not_given_away(found) == {}


def test_who_stays_anonymous_is_named_to_nobody(everybody: Everybody, birds: Birds) -> None:
    choose_anonymity(owner=everybody.alice, anonymous=True, at=clock.now())
    hers = Chat.objects.filter(person=everybody.alice).first()
    assert hers is not None
    assert shown_name(hers) == "Anonymous"

    found = heard(everybody, birds, ours(calls(["stranger"], every_way())))

    assert {name for name in found if name.startswith("people.")} == set()


def test_staff_find_nothing_of_what_is_private(everybody: Everybody, birds: Birds) -> None:
    found = heard(everybody, birds, ours(calls(sorted(STAFF), every_way())))

    kept = not_given_away(found)
    private = {name for name in kept if name.split(".")[0] in PRIVATE} - SAID_BY_OTHERS
    assert {name: found[name] for name in private} == {}
    assert "people.User.display_name" in found


def test_a_signed_address_opens_one_file_only(everybody: Everybody, birds: Birds) -> None:
    mine = make.kept_file(by=everybody.charlie)
    signature = signed_address(mine, seconds=60, at=clock.now()).partition("?")[2]
    hers = everybody.owned.called["file_id"]

    for address in (f"/files/{hers}/content", f"/files/{hers}/leaf.png", f"/files/{hers}/picture"):
        answer = everybody.client.get(f"{address}?{signature}")
        assert answer.status_code in {403, 404, 410}
        assert birds.in_answer(body_of(answer)) == set()


def test_a_cursor_of_alices_opens_nothing_of_hers(everybody: Everybody, birds: Birds) -> None:
    for _ in range(3):
        make.kept_file(by=everybody.alice)
    hers = everybody.roles["owner"].cookies
    everybody.client.cookies = hers
    cursor = everybody.client.get("/api/v1/files?size=1").json()["next"]
    everybody.client.cookies = everybody.roles["stranger"].cookies

    answer = everybody.client.get(f"/api/v1/files?size=1&after={cursor}")

    assert cursor
    assert len(cursor) <= LIMITS.cursor_characters
    assert birds.in_answer(body_of(answer)) == set()


@pytest.mark.django_db(transaction=True)
def test_a_stream_tells_only_whom_it_is_for(everybody: Everybody, birds: Birds) -> None:
    heard_by = {
        role: birds.in_answer(_caught_up(everybody, role)) for role in ("owner", *STRANGERS)
    }

    assert heard_by.pop("owner") == {"events.StreamEvent.payload"}
    assert set().union(*heard_by.values()) == set()


def _caught_up(everybody: Everybody, role: str) -> bytes:
    """Return what ``/live/since`` answers from the beginning on."""
    cookies = everybody.roles[role].cookies.items()
    cookie = "; ".join(f"{name}={one.value}" for name, one in cookies)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live/since",
        "query_string": b"after=0",
        "headers": [(b"cookie", cookie.encode())] if cookie else [],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise NotImplementedError

    asyncio.run(EventStream(identify, Hub())(scope, receive, send))
    return b"".join(one.get("body", b"") for one in sent)


def test_a_planted_leak_is_heard(everybody: Everybody, birds: Birds, settings: Any) -> None:
    @page("GET", who="anyone")
    def leak(request: HttpRequest, chat_id: Any) -> HttpResponse:
        return HttpResponse(headers={"X-Title": Chat.objects.get(pk=chat_id).title})

    planted = [path("planted/<uuid:chat_id>", leak)]
    settings.ROOT_URLCONF = tuple(planted)

    found = heard(everybody, birds, calls(STRANGERS, every_way(planted)))

    assert set(found) == {"chat.Chat.title"}


class Call(NamedTuple):
    """One who asks one thing."""

    asked: Asked
    role: str
    query: str

    def __str__(self) -> str:
        return f"{self.asked.name}{self.query} as {self.role}"


def calls(
    roles: Iterable[str], ways: Iterable[Asked], *, queries: tuple[str, ...] = QUERIES
) -> Iterator[Call]:
    """Yield everything that can be looked at, by each of them."""
    for asked in ways:
        if asked.policy is None or asked.method != "GET":
            continue
        for role in roles:
            for query in queries if "<" not in asked.route else ("",):
                yield Call(asked, role, query)


def ours(every: Iterable[Call]) -> Iterator[Call]:
    """Leave half of what says the same on either engine to the other: all but searches."""
    return (call for call in every if call.query == SEARCH or is_ours(str(call)))


def heard(everybody: Everybody, birds: Birds, every: Iterable[Call]) -> dict[str, set[str]]:
    """Return which of alice's words came back, and where."""
    found: dict[str, set[str]] = {}
    for call in every:
        for name in _asked(everybody, birds, call):
            found.setdefault(name, set()).add(str(call))
    return found


def not_given_away(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out what alice shared, where it was found by its link."""
    left = {
        name: {one for one in where if not (name in GIVEN_AWAY and one.startswith(BY_ITS_LINK))}
        for name, where in found.items()
    }
    return {name: where for name, where in left.items() if where}


def _asked(everybody: Everybody, birds: Birds, call: Call) -> set[str]:
    who = everybody.roles[call.role]
    with answered(everybody, who, call.asked, Sent(query=call.query)) as answer:
        assert not outcome(answer, call.asked).startswith("5"), str(call)
        return birds.in_answer(body_of(answer))
