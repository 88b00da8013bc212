"""What we will not do is said as OpenAI says it, so that its clients know what to do about it."""

import json
import socket
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import openai
import pytest

from atrium.engines.models import Model
from atrium.kit import clock
from atrium.kit.limits import LIMITS
from atrium.ledger.models import Hold
from atrium.metering.models import Receipt
from atrium.options.actions import set_option
from atrium.people.actions import issue_key, revoke_key, suspend
from atrium.people.models import ApiKey, User
from tests import make
from tests.compat.conftest import MODEL, a_key
from tests.house.upstream import Upstream

pytestmark = pytest.mark.django_db(transaction=True)

HELLO: Any = [{"role": "user", "content": "Hello"}]
GOOD: dict[str, Any] = {"model": MODEL, "messages": HELLO, "max_tokens": 10}


def sent(
    server: str,
    body: bytes | None,
    token: str = "",
    *,
    path: str = "/v1/chat/completions",
    method: str = "POST",
    **headers: str,
) -> tuple[int, Any, Any]:
    """Send it as it is; return the status, the headers and what was answered."""
    head = {"Content-Type": "application/json", **headers}
    if token:
        head["Authorization"] = f"Bearer {token}"
    asked = Request(server + path, data=body, headers=head, method=method)
    try:
        with urlopen(asked, timeout=20) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except HTTPError as refused:
        with refused:
            return refused.code, refused.headers, json.loads(refused.read())


def error(answer: tuple[int, Any, Any]) -> tuple[int, str, str]:
    status, headers, told = answer
    assert set(told["error"]) >= {"message", "type", "param", "code"}
    assert headers["content-type"].startswith("application/json")
    return status, told["error"]["type"], told["error"]["code"]


# Keys


@pytest.mark.parametrize("token", ["", "sk-nothing", "atr_key_" + "x" * 39])
def test_without_a_key_of_ours_nobody_is_answered(server: str, token: str) -> None:
    told = sent(server, b"{}", token)
    assert error(told) == (401, "invalid_request_error", "invalid_api_key")
    assert told[1]["www-authenticate"].startswith("Bearer")


def test_a_key_needs_the_scope_of_models(server: str, alice: User) -> None:
    told = sent(server, b"{}", a_key(alice, "read", "write"))
    assert error(told) == (403, "permission_error", "scope_missing")


def test_a_cookie_opens_nothing(server: str, alice: User) -> None:
    told = sent(server, b"{}", Cookie="session=anything; guest=anything")
    assert error(told)[0] == 401


def test_a_revoked_key_is_dead_within_a_second(
    client: openai.OpenAI, engine_server: Upstream, alice: User
) -> None:
    client.models.list()
    revoked_at = clock.now()
    revoke_key(key=ApiKey.objects.get(), at=revoked_at)

    def ask_on() -> None:
        while True:
            asked_at = clock.now()
            client.models.list()
            assert asked_at < revoked_at + timedelta(seconds=1)

    with pytest.raises(openai.AuthenticationError):
        ask_on()


def test_an_expired_key_and_a_suspended_person_are_told_so(server: str, alice: User) -> None:
    soon = clock.now() + timedelta(hours=1)
    key, expired = issue_key(
        person=alice, name="short", scopes=["models"], expires_at=soon, at=clock.now()
    )
    ApiKey.objects.filter(pk=key.pk).update(expires_at=clock.now())
    assert error(sent(server, b"{}", expired))[0] == 401
    token = a_key(alice)
    make.admin()
    suspend(person=alice, reason="Spam.", by="system", at=clock.now())
    assert error(sent(server, b"{}", token)) == (403, "permission_error", "suspended")


# What is asked


def changed(**more: Any) -> bytes:
    return json.dumps({**GOOD, **more}).encode()


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "x"}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b"[]", None),
        (b"{", None),
        (b'{"model": NaN}', None),
        (b'{"model": "\xff\xfe"}', None),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "model"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, None),
        (changed(model=None), "model"),
        (changed(model=""), "model"),
        (changed(messages=[]), "messages"),
        (changed(messages="Hello"), "messages"),
        (changed(messages=[7]), "messages[0]"),
        (changed(messages=[{"role": "king", "content": "x"}]), "messages[0].role"),
        (changed(messages=[{"role": ["user"], "content": "x"}]), "messages[0].role"),
        (changed(messages=[{"role": "user"}]), "messages[0].content"),
        (changed(messages=[*HELLO, RESULT]), "messages[1].tool_call_id"),
        (
            changed(
                messages=[
                    *HELLO,
                    {"role": "assistant", "tool_calls": [CALL]},
                    *HELLO,
                    RESULT,
                ]
            ),
            "messages[1].tool_calls",
        ),
        (changed(messages=[{"role": "user", "content": [{"type": "text"}]}]), None),
        (
            changed(
                messages=[
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "file:///x"}}],
                    }
                ]
            ),
            None,
        ),
        (changed(messages=HELLO * (LIMITS.compat_messages + 1)), "messages"),
        (changed(max_tokens=0), "max_tokens"),
        (changed(max_tokens=True), "max_tokens"),
        (changed(max_tokens=10**9), "max_completion_tokens"),
        (changed(n=100), "n"),
        (changed(stream="yes"), "stream"),
        (changed(stream_options={"include_usage": True}), "stream_options"),
        (changed(messages=[{"role": "user", "content": "word " * 100_000}]), "messages"),
    ],
)
def test_what_does_not_hold_together_is_refused_before_any_cost(
    server: str, token: str, engine_server: Upstream, body: bytes, param: str | None
) -> None:
    told = sent(server, body, token)
    assert error(told)[:2] == (400, "invalid_request_error")
    if param:
        assert told[2]["error"]["param"] == param
    assert not Receipt.objects.exists()
    assert not engine_server.asked


def test_an_unknown_model_says_so(client: openai.OpenAI, engine_server: Upstream) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="gpt-7", messages=HELLO)
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    Model.objects.filter(slug=MODEL).update(enabled=False)
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model=MODEL, messages=HELLO)


def test_a_body_over_the_limit_is_refused_in_openais_shape(server: str) -> None:
    port = urlsplit(server).port or 0
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {10**10}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(head.encode())
        line.shutdown(socket.SHUT_WR)
        heard = b"".join(iter(lambda: line.recv(65536), b""))
    assert heard.startswith(b"HTTP/1.1 413")
    told = json.loads(heard.partition(b"\r\n\r\n")[2])["error"]
    assert (told["type"], told["limit"]) == ("invalid_request_error", LIMITS.compat_bytes)


def test_other_addresses_and_methods(server: str, token: str) -> None:
    assert error(sent(server, b"{}", token, path="/v1/nothing"))[0] == 404
    assert error(sent(server, b"{}", token, path="/v1"))[0] == 404
    assert error(sent(server, None, token, method="GET"))[0] == 405
    assert error(sent(server, b"{}", token, path="/v1/models"))[0] == 405


# What is left


def test_who_cannot_pay_is_told_with_numbers_and_not_to_ask_again(
    server: str, engine_server: Upstream, bob: User
) -> None:
    token = a_key(bob)
    make.spends_credits(bob)
    Model.objects.filter(slug=MODEL).update(context_tokens=10**9, most_output_tokens=10**9)
    told = sent(server, changed(max_tokens=10**9), token)
    assert error(told) == (429, "insufficient_quota", "insufficient_quota")
    assert told[1]["x-should-retry"] == "false"
    assert told[2]["error"]["way_on"]
    assert not Hold.objects.exists()


def test_a_key_that_has_spent_its_limit_is_told_so(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    ApiKey.objects.update(spend_limit=5)
    with pytest.raises(openai.RateLimitError) as refused:
        client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=10)
    assert refused.value.code == "insufficient_quota"
    assert refused.value.response.json()["error"]["reason"] == "key_spent"


def test_more_calls_than_a_minute_allows_wait_for_the_next(
    server: str, token: str, engine_server: Upstream
) -> None:
    set_option(key="compat.calls_per_minute", text="2", by="system", at=clock.now())
    answers = [sent(server, changed(), token) for _ in range(3)]
    assert [one[0] for one in answers] == [200, 200, 429]
    assert [one[1]["x-ratelimit-remaining-requests"] for one in answers[:2]] == ["1", "0"]
    assert error(answers[2]) == (429, "rate_limit_exceeded", "rate_limit_exceeded")
    assert 0 < int(answers[2][1]["retry-after"]) <= 60
    assert len(engine_server.asked) == 2


def test_what_says_who_pays_is_not_handed_on(
    server: str, token: str, engine_server: Upstream
) -> None:
    sent(server, changed(service_tier="priority", payer="person:somebody", new=1), token)
    assert not {"service_tier", "payer"} & set(engine_server.asked[0].body)
    assert engine_server.asked[0].body["new"] == 1
