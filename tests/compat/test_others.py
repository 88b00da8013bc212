"""Vectors, pictures and speech, where a model that can is connected; else a clear word."""

from typing import Any

import openai
import pytest

from atrium.engines.models import Model
from atrium.metering.models import Receipt
from tests.compat.conftest import MODEL
from tests.house.upstream import Does, Upstream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("column", ["embeds", "draws", "speaks"])
def test_a_model_that_cannot_is_not_asked(
    client: openai.OpenAI, engine_server: Upstream, column: str
) -> None:
    ask: Any = {
        "embeds": lambda: client.embeddings.create(model=MODEL, input="x"),
        "draws": lambda: client.images.generate(model=MODEL, prompt="x"),
        "speaks": lambda: client.audio.speech.create(model=MODEL, input="x", voice="alloy"),
    }[column]
    with pytest.raises(openai.NotFoundError) as refused:
        ask()
    assert refused.value.code == "model_not_found"
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("given", [None, [], [{"a": 1}], "", 7])
def test_what_is_no_text_is_refused(
    client: openai.OpenAI, engine_server: Upstream, given: Any
) -> None:
    Model.objects.filter(slug=MODEL).update(embeds=True)
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model=MODEL, input=given)
    assert not engine_server.asked


def test_vectors_come_as_they_are_asked_for_and_cost_what_went_in(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    Model.objects.filter(slug=MODEL).update(embeds=True)
    texts = ["green", "leaves"]
    packed = client.embeddings.create(model=MODEL, input=texts)  # the SDK asks for base64
    assert [one.embedding for one in packed.data] == [[0.5, -1.0, 0.0], [0.5, -1.0, 1.0]]
    assert engine_server.asked[0].body["encoding_format"] == "base64"
    raw = client.embeddings.with_raw_response.create(model=MODEL, input=texts).http_response
    assert isinstance(raw.json()["data"][0]["embedding"], str)
    plain = client.embeddings.create(model=MODEL, input=texts, encoding_format="float")
    assert plain.data[1].embedding == [0.5, -1.0, 1.0]
    receipts = Receipt.objects.all()
    assert {(one.state, one.tokens_in, one.tokens_out) for one in receipts} == {("settled", 8, 0)}
    assert {one.charged for one in receipts} == {8}


def test_pictures_cost_what_each_costs(client: openai.OpenAI, engine_server: Upstream) -> None:
    Model.objects.filter(slug=MODEL).update(draws=True, image_price=700)
    found = client.images.generate(model=MODEL, prompt="A leaf", n=2)
    assert found.data is not None
    assert [one.b64_json for one in found.data] == ["UE5H", "UE5H"]
    assert engine_server.asked[0].path == "/v1/images/generations"
    receipt: Receipt = Receipt.objects.get()
    assert 1_400 <= receipt.charged <= 1_402


def test_pictures_that_did_not_come_cost_nothing(
    client: openai.OpenAI, engine_server: Upstream
) -> None:
    Model.objects.filter(slug=MODEL).update(draws=True, image_price=700)
    engine_server.does = Does(body='{"created": 1, "data": [{"b64_json": "UE5H"}]}')
    found = client.images.generate(model=MODEL, prompt="A leaf", n=4)
    assert found.data is not None
    assert len(found.data) == 1
    receipt: Receipt = Receipt.objects.get()
    assert 700 <= receipt.charged <= 702
    assert receipt.hold.amount > 2_800
