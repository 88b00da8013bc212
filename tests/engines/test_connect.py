import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from atrium.engines.actions import offer_built_in
from atrium.engines.adapters.openai import OpenAICompatible
from atrium.engines.models import Model, Provider
from atrium.engines.queries import default_model
from atrium.engines.registry import speaker_for
from tests.house.upstream import Upstream

pytestmark = pytest.mark.django_db


def engine(*words: str) -> dict[str, Any]:
    out = StringIO()
    call_command("engine", *words, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_a_server_is_asked_which_models_it_has(engine_server: Upstream) -> None:
    told = engine("connect", "Loop", "--url", engine_server.url, "--key", "a secret")
    assert told["models"] == ["green-1", "vendor/blue:8b"]
    assert engine_server.asked[0].headers["authorization"] == "Bearer a secret"
    provider = Provider.objects.get(name="Loop")
    assert (provider.key, "a secret" in provider.sealed_key) == ("a secret", False)
    assert isinstance(
        speaker_for(Model.objects.select_related("provider").get(slug="green-1")),
        OpenAICompatible,
    )


def test_what_is_connected_answers_before_what_is_built_in(engine_server: Upstream) -> None:
    offer_built_in()
    assert default_model().slug == "reader"
    engine("connect", "Loop", "--url", engine_server.url, "--models", "green-1")
    assert default_model().slug == "green-1"
    engine("disconnect", "Loop")
    assert default_model().slug == "reader"


def test_a_new_price_is_a_new_version(engine_server: Upstream) -> None:
    words = ("connect", "Loop", "--url", engine_server.url, "--models", "green-1")
    engine(*words)
    engine(*words)
    assert Model.objects.get(slug="green-1").price_version == 1
    engine(*words, "--input-price", "0.5", "--output-price", "2")
    model = Model.objects.get(slug="green-1")
    assert (model.input_price, model.output_price, model.price_version) == (500_000, 2_000_000, 2)


def test_two_providers_may_have_a_model_of_the_same_name(engine_server: Upstream) -> None:
    for name in ("Loop", "Other one"):
        engine("connect", name, "--url", engine_server.url, "--models", "green-1")
    slugs = Model.objects.filter(remote_name="green-1").values_list("slug", flat=True)
    assert set(slugs) == {"green-1", "other-one/green-1"}


@pytest.mark.parametrize(
    "words",
    [
        ("--url", "ftp://example.com", "--models", "x"),
        ("--url", "nonsense", "--models", "x"),
        ("--url", "http://127.0.0.1:1", "--models", "a b"),
        ("--url", "http://127.0.0.1:1", "--models", "x", "--input-price", "NaN"),
        ("--url", "http://127.0.0.1:1", "--models", "x", "--input-price", "-1"),
        ("--url", "http://127.0.0.1:1", "--models", "x", "--input-price", "1e300"),
        ("--url", "http://127.0.0.1:1"),
    ],
)
def test_what_does_not_hold_together_is_refused_with_a_sentence(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        engine("connect", "Loop", *words)
    assert " " in str(refused.value)
    assert not Provider.objects.filter(name="Loop").exists()
