"""The official SDK talks to the served house, and the house to a server on loopback."""

import json
from typing import Any

import openai
import pytest

from atrium.compat.models import Call
from atrium.ledger.models import Hold
from atrium.ledger.queries import balance_of, first_difference
from atrium.metering.models import Receipt
from atrium.people.models import User
from tests import make
from tests.compat.conftest import MODEL
from tests.house.upstream import WORDS, Does, Upstream

pytestmark = pytest.mark.django_db(transaction=True)

ASKED: Any = [{"role": "user", "content": "Why are leaves green?"}]
TOOLS: Any = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


def the_receipt() -> Receipt:
    found: Receipt = Receipt.objects.select_related("hold").get()
    return found


def test_an_answer_is_handed_on_and_charged_by_the_engines_own_count(
    client: openai.OpenAI, engine_server: Upstream, alice: User
) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=ASKED, max_tokens=50, extra_body={"something_new": [1]}
    )
    answer = raw.parse()
    assert answer.choices[0].message.content == " ".join(WORDS)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (20, 12)
    sent = engine_server.asked[0]
    assert sent.headers["authorization"] == "Bearer the provider's"
    assert (sent.body["something_new"], sent.body["max_tokens"]) == ([1], 50)

    receipt = the_receipt()
    assert (receipt.state, receipt.tokens_in, receipt.tokens_out) == ("settled", 20, 12)
    assert receipt.charged == 32
    assert raw.headers["x-request-id"] == str(receipt.about_id)
    assert int(raw.headers["x-ratelimit-remaining-requests"]) == 599
    assert balance_of(f"person:{alice.pk}") == 100_000 - 32
    assert first_difference() is None


@pytest.mark.parametrize("tells", [True, False])
def test_a_stream_comes_word_by_word_and_its_usage_only_to_who_asked(
    client: openai.OpenAI, engine_server: Upstream, tells: Any
) -> None:
    more: Any = {"stream_options": {"include_usage": True}} if tells else {}
    frames = list(client.chat.completions.create(model=MODEL, messages=ASKED, stream=True, **more))
    said = "".join(choice.delta.content or "" for frame in frames for choice in frame.choices)
    assert said == " ".join(WORDS) + " "
    assert [frame.usage for frame in frames if frame.usage is not None] == (
        [frames[-1].usage] if tells else []
    )
    assert engine_server.asked[0].body["stream_options"] == {"include_usage": True}
    receipt = the_receipt()
    assert (receipt.state, receipt.tokens_in, receipt.tokens_out) == ("settled", 20, 12)


def test_tools_go_there_and_calls_come_back(client: openai.OpenAI, engine_server: Upstream) -> None:
    call: dict[str, Any] = {"index": 0, "id": "call_1", "type": "function"}
    frames: list[dict[str, Any]] = [
        {**call, "function": {"name": "look", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"at": '}},
        {"index": 0, "function": {"arguments": '"leaves"}'}},
    ]
    engine_server.does = Does(raw=tuple(streamed(frames)))
    heard = [
        one.choices[0].delta.tool_calls
        for one in client.chat.completions.create(
            model=MODEL, messages=ASKED, tools=TOOLS, stream=True
        )
        if one.choices
    ]
    calls = [call for found in heard if found for call in found]
    assert calls[0].id == "call_1"
    assert "".join(one.function.arguments or "" for one in calls if one.function) == (
        '{"at": "leaves"}'
    )
    assert engine_server.asked[0].body["tools"] == TOOLS
    assert the_receipt().tokens_out > 5


def streamed(calls: list[dict[str, Any]]) -> list[bytes]:
    choices: list[dict[str, Any]] = [
        {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None} for call in calls
    ]
    choices.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    told = [f"data: {json.dumps({'choices': [choice]})}\n\n".encode() for choice in choices]
    return [*told, b"data: [DONE]\n\n"]


def test_who_answers_a_tool_sends_its_result_along(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    function = {"name": "look", "arguments": "{}"}
    messages: Any = [
        *ASKED,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "They are."},
    ]
    client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    assert engine_server.asked[0].body["messages"] == messages


def test_reader_answers_when_it_is_asked(client: openai.OpenAI, engine_server: Upstream) -> None:
    make.windows(10_000)  # Reader costs no credits
    messages: Any = [
        {"role": "system", "content": "Leaves look green, since they reflect green light."},
        *ASKED,
    ]
    answer = client.chat.completions.create(model="reader", messages=messages)
    assert "reflect green light" in (answer.choices[0].message.content or "")
    frames = client.chat.completions.create(model="reader", messages=messages, stream=True)
    said = "".join(choice.delta.content or "" for one in frames for choice in one.choices)
    assert "reflect green light" in said


def test_models_are_listed(client: openai.OpenAI, engine_server: Upstream) -> None:
    assert {one.id for one in client.models.list()} == {MODEL, "reader"}
    found = client.models.retrieve(MODEL)
    assert (found.id, found.owned_by, found.object) == (MODEL, "Loop", "model")
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("blue/2")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {"prompt_tokens": -5, "completion_tokens": 3},
        {"prompt_tokens": 10**9, "completion_tokens": 10**9},
        {"prompt_tokens": float("nan"), "completion_tokens": 3},
        {"prompt_tokens": 20, "completion_tokens": 10**8},
    ],
)
@pytest.mark.parametrize("is_stream", [True, False])
def test_what_the_engine_cannot_have_used_is_counted_by_us(
    client: openai.OpenAI, engine_server: Upstream, usage: Any, is_stream: Any
) -> None:
    engine_server.does = Does(usage=usage)
    answer: Any = client.chat.completions.create(
        model=MODEL, messages=ASKED, max_tokens=100, stream=is_stream
    )
    if is_stream:
        list(answer)
    receipt = the_receipt()
    words = len(" ".join(WORDS)) // 4
    assert receipt.state == "settled"
    assert words <= receipt.tokens_out <= words + 2
    assert receipt.charged <= receipt.hold.amount
    assert not Hold.objects.open().exists()
    assert not Call.objects.exists()
