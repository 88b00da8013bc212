"""Servers that speak Anthropic's and Gemini's protocols, asked through OpenAI's."""

import asyncio
import json
from typing import Any

import pytest

from atrium.engines.models import Model, Provider
from atrium.engines.protocol import (
    Completion,
    Ended,
    Engine,
    EngineBusy,
    EngineRefused,
    Picture,
    Question,
    Quote,
    Reasoning,
    Source,
    Text,
    ToolCall,
    Usage,
)
from atrium.engines.registry import speaker_for
from atrium.kit import lines_out
from tests.house.upstream import WORDS, Does, Upstream

pytestmark = [pytest.mark.once, pytest.mark.parametrize("kind", ["anthropic", "gemini", "openai"])]

ANSWER = " ".join(WORDS) + " "
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "How it is outside.",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    },
}
BODY = {"model": "ours", "messages": [{"role": "user", "content": "Why are leaves green?"}]}


def an_engine(served: Upstream, kind: str, name: str = "green-1", **more: Any) -> Engine:
    provider = Provider(name="Loop", kind=kind, url=served.url)
    provider.key = "a secret"
    return speaker_for(
        Model(provider=provider, slug="ours", remote_name=name, title="Green", **more)
    )


def asked(engine: Engine, **more: Any) -> list[Any]:
    async def gather() -> list[Any]:
        try:
            question = Question(**{"text": "Why are leaves green?", **more})
            return [piece async for piece in engine.answer(question)]
        finally:
            await lines_out.close()

    return asyncio.run(gather())


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


def text_of(pieces: list[Any]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def test_an_answer_comes_word_by_word(engine_server: Upstream, kind: str) -> None:
    engine_server.does = Does(thinks="Chlorophyll?")
    pieces = asked(an_engine(engine_server, kind))
    assert pieces[0] == Reasoning("Chlorophyll?")
    assert text_of(pieces) == ANSWER
    assert Ended("stop") in pieces
    assert Usage(20, 12) in pieces
    key = {"anthropic": "x-api-key", "gemini": "x-goog-api-key", "openai": "authorization"}[kind]
    assert engine_server.asked[0].headers[key].endswith("a secret")


def test_pictures_and_passages_go_along(engine_server: Upstream, kind: str) -> None:
    engine_server.does = Does(words=("Green", "[1]."))
    leaves = Source(9, "leaves.txt", "Leaves are green.", lambda _words: "")
    pieces = asked(
        an_engine(engine_server, kind),
        system="Be short.",
        sources=(leaves,),
        pictures=(Picture("image/png", b"PNG"),),
    )
    assert Quote(1, 9, "Leaves are green.") in pieces
    sent = json.dumps(engine_server.asked[0].body)
    assert all(part in sent for part in ("UE5H", "image/png", "Be short.", "Leaves are green."))


def test_in_openais_shape_it_is_the_same_as_a_stream_and_whole(
    engine_server: Upstream, kind: str
) -> None:
    engine_server.does = Does(calls=(("weather", '{"place": "Київ"}'), ("weather", "{}")))
    engine = an_engine(engine_server, kind)
    _whole, raw = told(engine, {**BODY, "tools": [TOOL]})
    choice = json.loads(raw)["choices"][0]
    assert choice["message"]["content"].strip() == ANSWER.strip()
    assert choice["finish_reason"] == "tool_calls"
    calls = choice["message"]["tool_calls"]
    assert [json.loads(one["function"]["arguments"]) for one in calls] == [{"place": "Київ"}, {}]
    assert json.loads(raw)["usage"]["completion_tokens"] == 12

    body = {**BODY, "tools": [TOOL], "stream": True, "stream_options": {"include_usage": True}}
    streamed, raw = told(engine, body)
    assert streamed.is_stream
    frames = [json.loads(one.removeprefix("data: ")) for one in raw.decode().split("\n\n")[:-2]]
    deltas = [one["choices"][0]["delta"] for one in frames if one["choices"]]
    assert "".join(one.get("content") or "" for one in deltas) == ANSWER
    arguments = {0: "", 1: ""}
    for call in [one for delta in deltas for one in delta.get("tool_calls", [])]:
        arguments[call["index"]] += call["function"]["arguments"]
    assert [json.loads(one) for one in arguments.values()] == [{"place": "Київ"}, {}]
    assert frames[-1]["usage"]["prompt_tokens"] == 20


def test_what_a_tool_said_goes_back(engine_server: Upstream, kind: str) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Is it warm?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "21 degrees"},
    ]
    told(an_engine(engine_server, kind), {**BODY, "messages": messages, "tools": [TOOL]})
    sent = engine_server.asked[0].body
    if kind == "anthropic":
        assert sent["system"] == "Be short."
        assert [one["role"] for one in sent["messages"]] == ["user", "assistant", "user"]
        used = {"type": "tool_use", "id": "c1", "name": "weather", "input": {}}
        assert sent["messages"][1]["content"] == [used]
        result = {"type": "tool_result", "tool_use_id": "c1", "content": "21 degrees"}
        assert sent["messages"][2]["content"] == [result]
        assert sent["tools"][0]["input_schema"] == TOOL["function"]["parameters"]  # type: ignore[index]
    if kind == "gemini":
        assert sent["systemInstruction"]["parts"] == [{"text": "Be short."}]
        assert [one["role"] for one in sent["contents"]] == ["user", "model", "user"]
        response = {"name": "weather", "response": {"result": "21 degrees"}}
        assert sent["contents"][2]["parts"] == [{"functionResponse": response}]


@pytest.mark.parametrize(
    ("status", "trouble", "tries"),
    [(401, EngineRefused, 1), (404, EngineRefused, 1), (500, EngineBusy, 1), (529, EngineBusy, 3)],
)
def test_a_status_that_is_no_answer_is_told(
    engine_server: Upstream, kind: str, status: int, trouble: Any, tries: int
) -> None:
    engine_server.does = Does(status=status, headers=(("retry-after", "0"),))
    with pytest.raises(trouble):
        asked(an_engine(engine_server, kind))
    assert len(engine_server.asked) == tries


def test_why_it_will_not_answer_is_said(engine_server: Upstream, kind: str) -> None:
    engine_server.does = Does(status=400, says="too many pictures")
    with pytest.raises(EngineRefused, match="too many pictures"):
        asked(an_engine(engine_server, kind))


@pytest.mark.parametrize(
    "does",
    [
        Does(cut_after=3),
        Does(error_after=3),
        Does(without_end=True),
        Does(raw=(b"data: {garbage\n\n",)),
        Does(raw=(b"data: 7\n\n",)),
        Does(raw=(b"data: " + b"[" * 200_000 + b"\n\n",)),
        Does(raw=(b"data: " + b"x" * 300_000,) * 5),
        Does(raw=(b"data: \xd0\xff\xfe\n\n",)),
        Does(raw=(b'data: {"candidates": 3, "choices": {}, "type": ["message_delta"]}\n\n',)),
    ],
)
def test_a_stream_that_breaks_off_is_told_and_not_asked_again(
    engine_server: Upstream, kind: str, does: Any
) -> None:
    engine_server.does = does
    with pytest.raises(EngineBusy):
        asked(an_engine(engine_server, kind))
    assert len(engine_server.asked) == 1


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": -5, "completion_tokens": -5},
        {"prompt_tokens": 10**12, "completion_tokens": 10**12},
        {"prompt_tokens": float("nan"), "completion_tokens": float("nan")},
        {"prompt_tokens": "7", "completion_tokens": True},
        [1],
    ],
)
def test_usage_that_cannot_be_is_no_usage(engine_server: Upstream, kind: str, usage: Any) -> None:
    engine_server.does = Does(usage=usage)
    assert not [piece for piece in asked(an_engine(engine_server, kind)) if _is_used(piece)]


def _is_used(piece: Any) -> bool:
    return isinstance(piece, Usage) and piece != Usage(0, 0)


def test_who_leaves_ends_it_at_the_server(engine_server: Upstream, kind: str) -> None:
    async def leave() -> None:
        completion = await an_engine(engine_server, kind).complete({**BODY, "stream": True})
        await anext(completion.body)
        await completion.leave()
        assert await asyncio.to_thread(engine_server.left.wait, 10)
        await lines_out.close()

    engine_server.does = Does(pause_after=6)
    asyncio.run(leave())
    assert engine_server.asked[0].ended == "left"


def test_how_to_write_is_said_in_their_words(engine_server: Upstream, kind: str) -> None:
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "leaf", "schema": schema}}
    more = {"temperature": 1.5, "stop": ["END"], "max_completion_tokens": 77}
    named = {"type": "function", "function": {"name": "weather"}}
    choice = {"tools": [TOOL], "tool_choice": named, "parallel_tool_calls": False}
    told(an_engine(engine_server, kind), {**BODY, **more, **choice, "response_format": form})
    sent = engine_server.asked[0].body
    if kind == "anthropic":
        assert (sent["temperature"], sent["stop_sequences"], sent["max_tokens"]) == (1, ["END"], 77)
        assert sent["output_config"]["format"]["schema"] == schema
        assert sent["tool_choice"]["name"] == "weather"
        assert sent["tool_choice"]["disable_parallel_tool_use"]
    if kind == "gemini":
        config = sent["generationConfig"]
        assert (config["maxOutputTokens"], config["stopSequences"]) == (77, ["END"])
        assert config["responseJsonSchema"] == schema
        calling = sent["toolConfig"]["functionCallingConfig"]
        assert calling["allowedFunctionNames"] == ["weather"]


@pytest.mark.parametrize(
    "more",
    [
        {"n": 2},
        {"logprobs": True},
        {"messages": [{"role": "user", "content": [{"image_url": {"url": "data:x"}}]}]},
        {
            "messages": [
                {"role": "assistant", "tool_calls": [{"function": {"arguments": "{x"}}]},
            ]
        },
    ],
)
def test_what_cannot_be_said_is_refused_before_asking(
    engine_server: Upstream, kind: str, more: dict[str, Any]
) -> None:
    if kind == "openai":  # which may know it
        told(an_engine(engine_server, kind), {**BODY, **more})
        assert engine_server.asked.pop().body == {**BODY, **more, "model": "green-1"}
        return
    with pytest.raises(EngineRefused):
        told(an_engine(engine_server, kind), {**BODY, **more})
    assert not engine_server.asked


@pytest.mark.parametrize("messages", [None, 7, [], ["x"], [{"role": []}], [{"content": {}}]])
def test_a_body_of_nonsense_is_no_fault_of_ours(
    engine_server: Upstream, kind: str, messages: Any
) -> None:
    body = {"model": "x", "messages": messages, "tools": 3, "stop": [1], "response_format": "x"}
    completion, _raw = told(an_engine(engine_server, kind), body)
    assert completion.status == 200


def test_pieces_of_a_call_have_one_number(engine_server: Upstream, kind: str) -> None:
    engine_server.does = Does(words=(), calls=(("weather", '{"a": 1}'),))
    calls = [one for one in asked(an_engine(engine_server, kind)) if isinstance(one, ToolCall)]
    assert {one.number for one in calls} == {0}
    assert calls[0].name == "weather"
    assert json.loads("".join(one.arguments for one in calls)) == {"a": 1}
