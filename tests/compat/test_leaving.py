"""Whoever leaves ends it at the engine, and pays for what was written to them."""

import json
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from atrium.compat import actions
from atrium.compat.actions import Delivered, Wanted
from atrium.compat.models import Call
from atrium.compat.switchboard import switchboard
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.kit.ids import new_id
from atrium.ledger.actions import end_orphans
from atrium.ledger.models import Hold
from atrium.metering.models import Receipt
from atrium.metering.tokens import count_tokens
from atrium.people.caller import Caller
from atrium.people.models import ApiKey, User
from atrium.web import drain
from tests.compat.conftest import MODEL, a_key, give_credits
from tests.house.upstream import WORDS, Does, Upstream

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "Why?"}], "max_tokens": 100}


def until(happened: Callable[[], Any]) -> Any:
    give_up = time.monotonic() + PATIENCE
    waiting = threading.Event()
    while time.monotonic() < give_up:
        if found := happened():
            return found
        waiting.wait(0.02)
    raise AssertionError("it did not happen")


def call(server: str, token: str, **body: Any) -> socket.socket:
    """Send a call, and return the line that its answer comes on."""
    where = urlsplit(server)
    line = socket.create_connection(("127.0.0.1", where.port or 0), timeout=PATIENCE)
    sent = json.dumps({**BODY, **body}).encode()
    head = [
        "POST /v1/chat/completions HTTP/1.1",
        "host: localhost",
        f"authorization: Bearer {token}",
        "content-type: application/json",
        f"content-length: {len(sent)}",
    ]
    line.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + sent)
    return line


def read_until(line: socket.socket, mark: bytes) -> bytes:
    heard = b""
    while mark not in heard:
        piece = line.recv(65536)
        assert piece, heard
        heard += piece
    return heard


def settled() -> Receipt | None:
    found: Receipt | None = Receipt.objects.exclude(state="open").first()
    return found


def test_who_leaves_in_the_middle_pays_for_what_was_written_and_the_engine_stops(
    server: str, token: str, engine_server: Upstream
) -> None:
    engine_server.does = Does(pause_after=5)  # the head and four words
    line = call(server, token, stream=True)
    read_until(line, b"because")
    line.close()
    assert engine_server.left.wait(PATIENCE)
    receipt = until(settled)
    assert receipt.state == "settled"
    assert receipt.tokens_out == count_tokens(" ".join(WORDS[:4]) + " ")
    assert 0 < receipt.charged <= receipt.hold.amount
    assert engine_server.asked[0].ended == "left"


def test_who_leaves_before_the_first_word_pays_nothing(
    server: str, token: str, engine_server: Upstream
) -> None:
    engine_server.does = Does(pause_after=0)
    line = call(server, token, stream=True)
    until(lambda: engine_server.asked)
    line.close()
    assert engine_server.left.wait(PATIENCE)
    receipt = until(settled)
    assert (receipt.state, receipt.charged) == ("released", 0)


@pytest.mark.parametrize(
    "does",
    [
        Does(cut_after=4),
        Does(error_after=4),
        Does(without_end=True, words=WORDS[:4]),
        Does(raw=(b"data: {garbage\n\n",)),
        Does(raw=(b"data: " + b"x" * 300_000,) * 5),
    ],
)
def test_what_breaks_off_says_so_and_costs_what_came(
    server: str, token: str, engine_server: Upstream, does: Any
) -> None:
    engine_server.does = does
    with call(server, token, stream=True) as line:
        heard = read_until(line, b"server_error")
    receipt = until(settled)
    came = count_tokens(" ".join(WORDS[:4]) + " ")
    if does.raw:
        assert heard.startswith(b"HTTP/1.1 503")
        assert (receipt.state, receipt.charged) == ("released", 0)
    else:
        assert b"because" in heard
        assert b"[DONE]" not in heard
        assert (receipt.state, receipt.tokens_out) == ("settled", came)


@pytest.mark.parametrize(("status", "told"), [(500, 503), (401, 400), (400, 400), (404, 404)])
def test_what_the_engine_refuses_costs_nothing(
    server: str, token: str, engine_server: Upstream, status: int, told: int
) -> None:
    engine_server.does = Does(status=status, says="No such thing.")
    with call(server, token) as line:
        heard = read_until(line, b'"error"')
    assert heard.startswith(b"HTTP/1.1 %d" % told)
    assert until(settled).state == "released"


def test_a_server_that_goes_down_says_so_in_its_streams_and_settles_them(
    server: str, token: str, engine_server: Upstream
) -> None:
    engine_server.does = Does(pause_after=5)
    with call(server, token, stream=True) as line:
        read_until(line, b"because")
        drain.begin()
        read_until(line, b"going_down")
    receipt = until(settled)
    assert receipt.tokens_out == count_tokens(" ".join(WORDS[:4]) + " ")
    assert engine_server.left.wait(PATIENCE)


# A process that died


def begun(person: User) -> Receipt:
    key = ApiKey.objects.get(person=person)
    made = actions.begin_call(
        by=Caller(person=person, key=key),
        call_id=new_id(),
        wanted=Wanted(slug=MODEL, tokens_in=7, most_out=50),
        at=clock.now(),
    )
    return made.receipt


@pytest.fixture
def person(alice: User, engine_server: Upstream) -> User:
    give_credits(alice, 1_000)
    a_key(alice)
    return alice


def test_what_a_dead_process_had_delivered_is_charged_and_nothing_else(person: User) -> None:
    silent, speaking, fresh = begun(person), begun(person), begun(person)
    so_far = [Delivered(speaking.about_id, 7, 11)]
    actions.keep_calls(so_far=so_far, at=clock.now())
    actions.keep_calls(so_far=so_far, at=clock.now())  # each second anew
    later = clock.now() + actions.LEASE + timedelta(seconds=1)
    Receipt.objects.filter(pk=fresh.pk).update(began_at=later)

    assert actions.end_dead_calls(at=later) == 2
    assert actions.end_dead_calls(at=later) == 0

    found = {one.pk: one for one in Receipt.objects.all()}
    assert (found[silent.pk].state, found[silent.pk].charged) == ("released", 0)
    assert (found[speaking.pk].state, found[speaking.pk].charged) == ("settled", 18)
    assert found[fresh.pk].state == "open"
    assert not Call.objects.exists()


def test_a_call_whose_process_lives_is_left_alone(person: User) -> None:
    receipt = begun(person)
    later = clock.now() + timedelta(hours=1)
    actions.keep_calls(so_far=[Delivered(receipt.about_id, 7, 11)], at=later)

    assert actions.end_dead_calls(at=later) == 0
    end_orphans(at=later)

    assert Receipt.objects.get().state == "open"


def test_a_hold_past_its_deadline_is_ended_by_the_ledger_too(person: User) -> None:
    receipt = begun(person)
    actions.keep_calls(so_far=[Delivered(receipt.about_id, 7, 11)], at=clock.now())

    end_orphans(at=clock.now() + timedelta(hours=1))

    assert Receipt.objects.get().charged == 18
    assert not Hold.objects.open().exists()


def test_what_was_delivered_is_written_down_while_a_call_lasts(
    server: str, token: str, engine_server: Upstream
) -> None:
    engine_server.does = Does(pause_after=5)
    with call(server, token, stream=True) as line:
        read_until(line, b"because")
        kept = until(lambda: Call.objects.filter(tokens_out__gt=0).first())
        assert kept.tokens_out == count_tokens(" ".join(WORDS[:4]) + " ")
        assert kept.alive_until > clock.now()
        engine_server.go_on()
        read_until(line, b"[DONE]")
    assert until(settled).tokens_out == 12
    assert not Call.objects.exists()
    until(lambda: not switchboard._serving)


def test_the_price_of_the_models_row_is_what_a_receipt_says(person: User) -> None:
    receipt = begun(person)
    Model.objects.filter(slug=MODEL).update(input_price=5, price_version=2)
    assert Receipt.objects.get(pk=receipt.pk).price_version == 1
