"""The SDK's ``responses``: the same engines, the same receipts, other shapes."""

import json
from typing import Any

import openai
import pytest

from atrium.metering.models import Receipt
from tests.compat.conftest import MODEL
from tests.compat.test_chat_completions import streamed
from tests.house.upstream import WORDS, Does, Upstream

pytestmark = pytest.mark.django_db(transaction=True)

TOOLS: Any = [{"type": "function", "name": "look", "parameters": {"type": "object"}}]
ANSWER = " ".join(WORDS)


def the_receipt() -> Receipt:
    found: Receipt = Receipt.objects.get()
    return found


def test_an_answer_comes_whole(client: openai.OpenAI, engine_server: Upstream) -> None:
    answer = client.responses.create(
        model=MODEL,
        instructions="Be short.",
        input="Why are leaves green?",
        max_output_tokens=50,
    )
    assert (answer.status, answer.output_text) == ("completed", ANSWER)
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (20, 12)
    assert answer.instructions == "Be short."
    sent = engine_server.asked[0].body
    assert [one["role"] for one in sent["messages"]] == ["system", "user"]
    assert sent["max_tokens"] == 50
    receipt = the_receipt()
    assert (receipt.state, receipt.tokens_in, receipt.tokens_out) == ("settled", 20, 12)


def test_an_answer_comes_in_events(client: openai.OpenAI, engine_server: Upstream) -> None:
    events = list(client.responses.create(model=MODEL, input="Why?", stream=True))
    kinds = [event.type for event in events]
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    last: Any = events[-1]
    assert said == last.response.output_text == ANSWER + " "
    assert last.response.usage.output_tokens == the_receipt().tokens_out == 12


def test_the_sdks_own_stream_gathers_the_answer(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    with client.responses.stream(model=MODEL, input="Why?") as stream:
        answer = stream.get_final_response()
    assert answer.output_text == ANSWER + " "


def test_a_tool_is_called_and_answered(client: openai.OpenAI, engine_server: Upstream) -> None:
    call: dict[str, Any] = {"index": 0, "id": "call_1", "type": "function"}
    engine_server.does = Does(
        raw=tuple(
            streamed(
                [
                    {**call, "function": {"name": "look", "arguments": ""}},
                    {"index": 0, "function": {"arguments": '{"at": "leaves"}'}},
                ]
            )
        ),
        times=1,
    )
    asked: Any = [{"role": "user", "content": [{"type": "input_text", "text": "Why?"}]}]
    with client.responses.stream(model=MODEL, input=asked, tools=TOOLS) as stream:
        called: Any = stream.get_final_response().output[0]
    assert (called.type, called.name, called.call_id) == ("function_call", "look", "call_1")
    assert json.loads(called.arguments) == {"at": "leaves"}
    told = {"type": "function_call_output", "call_id": "call_1", "output": "They are."}
    everything: Any = [*asked, called.to_dict(), told]
    answer = client.responses.create(model=MODEL, input=everything, tools=TOOLS)
    assert answer.output_text == ANSWER
    first, second = (one.body for one in engine_server.asked)
    assert first["tools"][0]["function"]["name"] == "look"
    assert [one["role"] for one in second["messages"]] == ["user", "assistant", "tool"]
    assert second["messages"][1]["tool_calls"][0]["id"] == "call_1"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"input": []}, "input"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0].type"),
        ({"model": "gpt-7"}, "model"),
    ],
)
def test_what_is_not_done_here_is_said(
    client: openai.OpenAI, engine_server: Upstream, more: Any, param: str
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(**{"model": MODEL, "input": "Why?", **more})
    assert refused.value.status_code in {400, 404}
    assert refused.value.param == param
    assert not Receipt.objects.exists()


def test_what_breaks_off_says_so(client: openai.OpenAI, engine_server: Upstream) -> None:
    engine_server.does = Does(cut_after=4)
    stream = client.responses.create(model=MODEL, input="Why?", stream=True)
    with pytest.raises(openai.APIError):
        list(stream)
    assert 0 < the_receipt().tokens_out < 12
