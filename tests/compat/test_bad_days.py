"""Engines that lie and fail in the middle: whatever they do, a call costs at most what was held."""

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

from atrium.chat.asking import Asked, ask
from atrium.chat.generation import desk
from atrium.chat.models import Turn
from atrium.engines.models import Model
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.ledger.models import Hold
from atrium.ledger.queries import first_difference
from atrium.metering.models import Receipt
from atrium.metering.tokens import count_tokens
from atrium.people.models import User
from tests import make
from tests.compat.conftest import MODEL
from tests.compat.test_leaving import PATIENCE, until
from tests.house.upstream import Does, Upstream

pytestmark = pytest.mark.django_db(transaction=True)

DONE = b"data: [DONE]\n\n"
MOST = 100


def frame(said: str, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": said}, "finish_reason": None}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


def end(**more: Any) -> bytes:
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


def used(tokens_in: Any, tokens_out: Any) -> dict[str, Any]:
    return {"usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}}


SO = frame("So.")
LIES = {
    "never ends": Does(raw=(SO,), forever=frame("green " * 20_000)),
    "a line without end": Does(raw=(SO, b"data: "), forever=b"x" * 200_000),
    "only comments, for ever": Does(raw=(SO,), forever=b": still here\n\n" * 9_000),
    "closes in a character": Does(raw=(SO, frame("\u0434").replace(b"\\u0434", b"\xd0")[:-20])),
    "half a character": Does(raw=(SO, frame("\u0434").replace(b"\\u0434", b"\xd0"), end(), DONE)),
    "repeats its end": Does(raw=(SO, end(), DONE, DONE, frame("More."), DONE)),
    "usage twice": Does(
        raw=(frame("So.", **used(3, 1)), end(), frame("", **used(9**9, 9**9)), DONE)
    ),
    "usage in each piece": Does(raw=(*[frame("So.", **used(50, 50))] * 9, end(), DONE)),
    "usage of another kind": Does(raw=(SO, end(usage=[7, "many"]), DONE)),
    "all of another kind": Does(raw=(SO, b'data: {"choices": {"delta": 7}}\n\n', DONE)),
}

BODIES = {
    "a thousand million": used(10**9, 10**9),
    "less than nothing": used(-5, -5),
    "no number": used(float("nan"), "many"),
    "of another kind": {"usage": [1, 2]},
    "nothing said": {},
    "as pictures say it": {"usage": {"input_tokens": 10**9, "output_tokens": 10**9}},
}
WHOLE = {"choices": [{"message": {"content": "So."}}], "data": [{"b64_json": "UE5H"}]}
WAYS: dict[str, dict[str, Any]] = {
    "chat/completions": {"messages": [{"role": "user", "content": "Why?"}], "max_tokens": MOST},
    "responses": {"input": "Why?", "max_output_tokens": MOST},
    "images/generations": {"prompt": "A leaf"},
    "audio/speech": {"input": "A leaf", "voice": "alloy"},
}


def receipt() -> Receipt:
    """Return the receipt of the one call, once it has ended, and see that its books are right."""
    found: Receipt = until(lambda: Receipt.objects.exclude(state="open").first())
    assert Receipt.objects.count() == 1
    assert found.charged <= found.hold.amount
    assert found.tokens_in + found.tokens_out <= found.reserved
    assert not Hold.objects.open().exists()
    assert first_difference() is None
    return found


def posted(server: str, token: str, path: str, body: dict[str, Any]) -> bytes:
    """Send a call, and return whatever comes until its end."""
    with closing(HTTPConnection(urlsplit(server).netloc, timeout=PATIENCE)) as line:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        line.request("POST", f"/v1/{path}", json.dumps({"model": MODEL, **body}), headers)
        return line.getresponse().read()


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("path", ["chat/completions", "responses"])
def test_a_stream_that_lies_costs_at_most_its_hold(
    server: str, token: str, engine_server: Upstream, path: str, lie: str
) -> None:
    engine_server.does = LIES[lie]
    heard = posted(server, token, path, {**WAYS[path], "stream": True})

    assert b"So." in heard
    assert len(heard) < 3 * LIMITS.engine_answer_bytes
    assert heard.count(b"[DONE]") <= 1
    assert b"More." not in heard
    assert receipt().charged > 0
    assert until(lambda: engine_server.asked[0].ended != "running")


@pytest.mark.parametrize("lie", LIES)
def test_a_chat_whose_engine_lies_costs_at_most_its_hold(
    server: str, token: str, engine_server: Upstream, alice: User, lie: str
) -> None:
    Model.objects.filter(slug=MODEL).update(most_output_tokens=MOST)
    engine_server.does = LIES[lie]
    by, now = make.caller(alice), clock.now()
    _chat, begun = ask(by=by, chat=None, asked=Asked(text="Why?", model=MODEL), at=now)
    charged = receipt()

    answer = Turn.objects.get(pk=begun.answer.pk)
    assert not answer.is_writing
    assert answer.text.startswith("So.")
    assert charged.tokens_out <= max(MOST, count_tokens(answer.text))
    assert charged.charged > 0


@pytest.mark.parametrize("lie", BODIES)
@pytest.mark.parametrize("path", WAYS)
def test_a_whole_answer_that_lies_costs_at_most_its_hold(
    server: str, token: str, engine_server: Upstream, path: str, lie: str
) -> None:
    Model.objects.filter(slug=MODEL).update(draws=True, speaks=True, image_price=700)
    engine_server.does = Does(body=json.dumps({**WHOLE, **BODIES[lie]}))
    posted(server, token, path, WAYS[path])

    assert receipt().state == "settled"


def test_what_comes_after_we_gave_up_goes_nowhere(
    server: str, token: str, engine_server: Upstream
) -> None:
    engine_server.does = Does(is_late=True)
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": "Why?"}], "max_tokens": MOST}
    with pytest.raises(openai.APITimeoutError):
        client_of(server, token).chat.completions.create(model=MODEL, **asked, timeout=0.5)
    ended = receipt()
    engine_server.go_on()
    answer = client_of(server, token).chat.completions.create(model=MODEL, **asked)

    assert (ended.state, ended.charged) == ("released", 0)
    assert answer.choices[0].message.content
    ended.refresh_from_db()
    assert (ended.state, ended.charged) == ("released", 0)
    assert Receipt.objects.filter(state="settled").count() == 1


def client_of(server: str, token: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server}/v1", api_key=token, max_retries=0)


def test_stop_before_the_engine_says_anything_costs_nothing_that_comes_later(
    server: str, token: str, engine_server: Upstream, alice: User
) -> None:
    engine_server.does = Does(is_late=True)
    by, now = make.caller(alice), clock.now()
    _chat, begun = ask(by=by, chat=None, asked=Asked(text="Why?", model=MODEL), at=now)
    until(lambda: engine_server.asked)
    desk.stop(begun.answer.pk)
    ended = receipt()
    engine_server.go_on()

    answer = Turn.objects.get(pk=begun.answer.pk)
    assert (answer.state, answer.text) == ("stopped", "")
    assert ended.tokens_out == 0
