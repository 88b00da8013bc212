"""OpenAI's body as it came: handed on by some engines, translated by others."""

import asyncio
import json
from typing import Any

import pytest

from atrium.engines.adapters.openai import OpenAICompatible
from atrium.engines.built_in.reader import Reader
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import Completion, Engine, EngineBusy, EngineRefused
from atrium.kit import lines_out
from tests.house.upstream import WORDS, Does, Upstream

pytestmark = pytest.mark.once

BODY = {"model": "ours", "messages": [{"role": "user", "content": "Why are leaves green?"}]}
STREAMED = {**BODY, "stream": True, "stream_options": {"include_usage": True}}


def an_engine(served: Upstream) -> Engine:
    provider = Provider(name="Loop", kind="openai", url=served.url)
    provider.key = "a secret"
    return OpenAICompatible(
        Model(provider=provider, slug="ours", remote_name="green-1", title="Green")
    )


def told(engine: Engine, body: dict[str, Any]) -> tuple[Completion, bytes]:
    async def ask() -> tuple[Completion, bytes]:
        try:
            completion = await engine.complete(body)
            try:
                return completion, b"".join([piece async for piece in completion.body])
            finally:
                await completion.leave()
        finally:
            await lines_out.close()

    return asyncio.run(ask())


def frames_of(body: bytes) -> list[dict[str, Any]]:
    *frames, done, empty = body.decode().split("\n\n")
    assert (done, empty) == ("data: [DONE]", "")
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


def test_a_body_goes_on_as_it_came_and_the_answer_comes_back_as_it_is(
    engine_server: Upstream,
) -> None:
    asked = {**BODY, "temperature": 0.5, "something_new": {"of": ["tomorrow"]}}
    completion, body = told(an_engine(engine_server), asked)
    assert (completion.status, completion.is_stream) == (200, False)
    assert json.loads(body)["choices"][0]["message"]["content"] == " ".join(WORDS)
    assert engine_server.asked[0].body == {**asked, "model": "green-1"}
    assert engine_server.asked[0].headers["authorization"] == "Bearer a secret"


def test_a_stream_comes_back_byte_for_byte(engine_server: Upstream) -> None:
    raw = (b": hello\r\n", b'data: {"anything": "', "є".encode()[:1], "є".encode()[1:], b'"}\n\n')
    engine_server.does = Does(raw=raw)
    completion, body = told(an_engine(engine_server), STREAMED)
    assert completion.is_stream
    assert body == b"".join(raw)


def test_what_the_provider_finds_wrong_is_handed_on(engine_server: Upstream) -> None:
    engine_server.does = Does(status=400, says="messages: too many roles")
    completion, body = told(an_engine(engine_server), BODY)
    assert completion.status == 400
    assert json.loads(body)["error"]["message"] == "messages: too many roles"
    assert len(engine_server.asked) == 1


@pytest.mark.parametrize(
    ("status", "trouble", "tries"),
    [(401, EngineRefused, 1), (402, EngineRefused, 1), (500, EngineBusy, 1), (429, EngineBusy, 3)],
)
def test_what_concerns_us_alone_is_not(
    engine_server: Upstream, status: int, trouble: type[Exception], tries: int
) -> None:
    engine_server.does = Does(
        status=status, says="Bad key: a secret", headers=(("retry-after", "0"),)
    )
    with pytest.raises(trouble) as said:
        told(an_engine(engine_server), BODY)
    assert "secret" not in str(said.value)
    assert len(engine_server.asked) == tries


def test_a_long_wait_is_told_and_not_waited_for(engine_server: Upstream) -> None:
    engine_server.does = Does(status=429, headers=(("retry-after", "120"),))
    with pytest.raises(EngineBusy) as said:
        told(an_engine(engine_server), BODY)
    assert said.value.retry_after == 120
    assert len(engine_server.asked) == 1


@pytest.mark.parametrize("reads", [False, True])
def test_who_leaves_ends_it_at_the_provider(engine_server: Upstream, reads: Any) -> None:
    engine_server.does = Does(pause_after=2)

    async def leave() -> None:
        completion = await an_engine(engine_server).complete(STREAMED)
        if reads:
            await anext(completion.body)
        await completion.leave()
        assert await asyncio.to_thread(engine_server.left.wait, 10)
        await lines_out.close()

    asyncio.run(leave())
    assert engine_server.asked[0].ended == "left"


def test_a_line_that_breaks_is_told(engine_server: Upstream) -> None:
    engine_server.does = Does(raw=(b"data: x",), whole_bytes=100)
    with pytest.raises(EngineBusy):
        told(an_engine(engine_server), STREAMED)


def test_reader_quotes_what_was_said_before_in_openais_shape() -> None:
    body = {
        "model": "reader",
        "messages": [
            {"role": "system", "content": "Bread needs flour. Leaves reflect green light."},
            {"role": "user", "content": [{"type": "text", "text": "Why are leaves green?"}]},
        ],
    }
    completion, whole = told(Reader(), body)
    answer = json.loads(whole)
    said = answer["choices"][0]["message"]["content"]
    assert "Leaves reflect green light." in said
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["total_tokens"] > 0

    asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
    completion, streamed = told(Reader(), asked)
    assert completion.is_stream
    *frames, last = frames_of(streamed)
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in frames) == said
    assert {one["usage"] for one in frames if not one["usage"]} == {None}
    assert frames[-1]["choices"][0]["finish_reason"] == "stop"
    assert (last["choices"], last["usage"]) == ([], answer["usage"])


@pytest.mark.parametrize(
    "messages", [None, [], [7], [{"role": "user"}], [{"role": "user", "content": [{"text": 3}]}]]
)
def test_reader_is_not_thrown_by_a_body_that_says_nothing(messages: Any) -> None:
    _completion, whole = told(Reader(), {"model": "reader", "messages": messages})
    assert json.loads(whole)["choices"][0]["message"]["content"]


def test_nobody_there_is_told_after_some_tries() -> None:
    provider = Provider(name="Gone", kind="openai", url="http://127.0.0.1:1")
    with pytest.raises(EngineBusy):
        told(OpenAICompatible(Model(provider=provider, slug="x")), BODY)
