"""A server that speaks OpenAI's protocol, well and badly."""

import asyncio
from typing import Any

import pytest

from atrium.engines.adapters.openai import OpenAICompatible, base_of
from atrium.engines.models import Model, Provider
from atrium.engines.protocol import (
    Ended,
    EngineBusy,
    EngineRefused,
    Message,
    Picture,
    Question,
    Quote,
    Reasoning,
    Source,
    Text,
    Usage,
)
from atrium.kit import lines_out
from tests.house.upstream import WORDS, Does, Upstream

ANSWER = " ".join(WORDS) + " "
CHOICE = b'{"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}'
LAST = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def a_model(served: Upstream, key: str = "") -> Model:
    provider = Provider(name="Loop", kind="openai", url=served.url)
    provider.key = key
    return Model(provider=provider, slug="green-1", remote_name="green-1", title="Green")


def asked(served: Upstream, *, key: str = "", **more: Any) -> list[Any]:
    async def gather() -> list[Any]:
        question = Question(**{"text": "Why are leaves green?", **more})
        try:
            return [
                piece async for piece in OpenAICompatible(a_model(served, key)).answer(question)
            ]
        finally:
            await lines_out.close()

    return asyncio.run(gather())


def text_of(pieces: list[Any]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


pytestmark = pytest.mark.once


def test_an_answer_comes_word_by_word_with_its_usage(engine_server: Upstream) -> None:
    pieces = asked(engine_server, key="a secret")
    assert text_of(pieces) == ANSWER
    assert len(pieces) == len(WORDS) + 2
    assert pieces[-2] == Ended("stop")
    assert pieces[-1] == Usage(20, 12)
    sent = engine_server.asked[0]
    assert sent.headers["authorization"] == "Bearer a secret"
    assert sent.body["stream_options"] == {"include_usage": True}


def test_what_was_said_before_and_pictures_go_along(engine_server: Upstream) -> None:
    asked(
        engine_server,
        system="Be short.",
        history=(Message("user", "Hello"), Message("assistant", "Hello.")),
        pictures=(Picture("image/png", b"PNG"),),
    )
    system, *said, last = engine_server.asked[0].body["messages"]
    assert system == {"role": "system", "content": "Be short."}
    assert [one["role"] for one in said] == ["user", "assistant"]
    assert last["content"][1]["image_url"]["url"] == "data:image/png;base64,UE5H"


def test_what_it_thinks_comes_apart(engine_server: Upstream) -> None:
    engine_server.does = Does(thinks="Chlorophyll?")
    pieces = asked(engine_server)
    assert pieces[0] == Reasoning("Chlorophyll?")
    assert text_of(pieces) == ANSWER


def test_a_passage_that_it_names_is_quoted_in_the_passages_own_words(
    engine_server: Upstream,
) -> None:
    engine_server.does = Does(words=("Leaves", "absorb", "red", "light", "[2].", "Cats", "[1]."))
    sources = (
        Source(11, "cats.txt", "Cats sleep all day.", lambda words: ""),
        Source(12, "leaves.txt", "It rains. Leaves absorb red and blue light.", lambda words: ""),
    )
    quotes = [piece for piece in asked(engine_server, sources=sources) if isinstance(piece, Quote)]
    assert [(quote.number, quote.ref) for quote in quotes] == [(2, 12), (1, 11)]
    assert quotes[0].words == "Leaves absorb red and blue light."
    assert "Leaves absorb red and blue" in engine_server.asked[0].body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("status", "trouble", "tries"),
    [
        (401, EngineRefused, 1),
        (404, EngineRefused, 1),
        (400, EngineRefused, 1),
        (503, EngineBusy, 3),
    ],
)
def test_a_status_that_is_no_answer_is_told(
    engine_server: Upstream, status: int, trouble: Any, tries: int
) -> None:
    engine_server.does = Does(status=status, headers=(("retry-after", "0.01"),))
    with pytest.raises(trouble) as told:
        asked(engine_server)
    assert told.value.said.endswith(".")
    assert len(engine_server.asked) == tries


def test_before_its_first_word_it_is_asked_again(engine_server: Upstream) -> None:
    engine_server.does = Does(status=429, headers=(("retry-after", "0.01"),), times=2)
    assert text_of(asked(engine_server)) == ANSWER
    assert len(engine_server.asked) == 3


@pytest.mark.parametrize(
    "does",
    [
        Does(cut_after=3),
        Does(error_after=3),
        Does(without_end=True),
        Does(raw=(b"data: " + CHOICE % b"Leaves" + b"\n\n", b"data: {garbage\n\n")),
        Does(raw=(b"data: 7\n\n",)),
        Does(raw=(b"data: " + b"x" * 300_000,) * 5),
    ],
)
def test_a_stream_that_breaks_off_is_told_and_not_asked_again(
    engine_server: Upstream, does: Any
) -> None:
    engine_server.does = does
    with pytest.raises(EngineBusy):
        asked(engine_server)
    assert len(engine_server.asked) == 1


def test_a_character_split_between_pieces_and_other_ways_to_end_lines(
    engine_server: Upstream,
) -> None:
    frame = b"data: " + CHOICE % "зелене".encode() + b"\r\n\r\n"
    engine_server.does = Does(
        raw=(b": waiting\r\n\r\n", b"event: message\r\n", frame[:60], frame[60:], LAST)
    )
    assert text_of(asked(engine_server)) == "зелене"


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": -5, "completion_tokens": 3},
        {"prompt_tokens": 10**12, "completion_tokens": 3},
        {"prompt_tokens": float("nan"), "completion_tokens": 3},
        {"prompt_tokens": "7", "completion_tokens": 3},
        [1],
    ],
)
def test_usage_that_cannot_be_is_no_usage(engine_server: Upstream, usage: Any) -> None:
    engine_server.does = Does(usage=usage)
    assert not [piece for piece in asked(engine_server) if isinstance(piece, Usage)]


def test_who_leaves_ends_it_at_the_server(engine_server: Upstream) -> None:
    async def leave() -> None:
        pieces: Any = OpenAICompatible(a_model(engine_server)).answer(Question(text="Why?"))
        async for piece in pieces:
            if isinstance(piece, Text):
                break
        await pieces.aclose()
        await lines_out.close()

    engine_server.does = Does(pause_after=3)
    asyncio.run(leave())
    assert engine_server.left.wait(10)
    assert engine_server.asked[0].ended == "left"


def test_nobody_there_is_told(engine_server: Upstream) -> None:
    model = a_model(engine_server)
    model.provider.url = "http://127.0.0.1:1/v1"

    async def ask() -> None:
        try:
            async for _piece in OpenAICompatible(model).answer(Question(text="Why?")):
                pass
        finally:
            await lines_out.close()

    with pytest.raises(EngineBusy):
        asyncio.run(ask())


def test_an_address_may_leave_out_the_version() -> None:
    assert base_of("http://127.0.0.1:11434") == "http://127.0.0.1:11434/v1"
    assert base_of("https://api.example.com/v1/") == "https://api.example.com/v1"
