"""What an operator does about engines in the console."""

import socket

import pytest
from django.test import Client

from atrium.audit.models import AuditEntry
from atrium.engines import finder
from atrium.engines.models import Capability, Model, Provider
from tests import make
from tests.house.upstream import Upstream

pytestmark = pytest.mark.django_db
PROVIDERS = "/console/engines/provider/"
MODELS = "/console/engines/model/"


@pytest.fixture
def operator(db: None) -> Client:
    return make.enter(Client(), make.admin(username="root"))


def told(served: Upstream, **more: str) -> dict[str, str]:
    connecting = {"kind": "openai", "name": "Loop", "url": served.url, "key": "hush hush"}
    return {**connecting, "input_price": "0.5", "output_price": "2", **more}


def connected(operator: Client, served: Upstream) -> Provider:
    assert operator.post(f"{PROVIDERS}new/", told(served)).status_code == 302
    return Provider.objects.get(name="Loop")


def test_an_engine_is_connected_and_its_key_is_never_shown(
    operator: Client, engine_server: Upstream
) -> None:
    provider = connected(operator, engine_server)
    assert set(provider.offers.values_list("slug", "output_price")) == {
        ("green-1", 2_000_000),
        ("vendor/blue:8b", 2_000_000),
    }
    assert provider.key == "hush hush"
    pages = [f"{PROVIDERS}{provider.pk}/{page}" for page in ("change/", "do/change/", "asked/")]
    shown = "".join(operator.get(page).content.decode() for page in [PROVIDERS, *pages])
    assert "hush" not in shown + str(list(AuditEntry.objects.values()))


def test_one_that_does_not_answer_is_told_beside_the_form(operator: Client) -> None:
    form = {"kind": "openai", "name": "Gone", "url": "http://127.0.0.1:1"}
    answer = operator.post(f"{PROVIDERS}new/", form)
    assert answer.status_code == 422
    assert "does not answer" in answer.content.decode()


def test_how_it_is_asked_is_changed_and_an_empty_key_stays(
    operator: Client, engine_server: Upstream
) -> None:
    provider = connected(operator, engine_server)
    form = {"url": engine_server.url, "enabled": "on", "order": "3", "at_once": "2"}
    form |= {"daily_calls": "7", "daily_credits": "1.5"}
    assert operator.post(f"{PROVIDERS}{provider.pk}/do/change/", form).status_code == 302
    provider.refresh_from_db()
    assert (provider.at_once, provider.daily_calls, provider.daily_micro) == (2, 7, 1_500_000)
    assert (provider.order, provider.key) == (3, "hush hush")
    operator.post(f"{PROVIDERS}{provider.pk}/do/change/", {**form, "daily_calls": ""})
    provider.refresh_from_db()
    assert provider.daily_calls is None


def test_disconnected_it_forgets_its_key(operator: Client, engine_server: Upstream) -> None:
    provider = connected(operator, engine_server)
    operator.post(f"{PROVIDERS}{provider.pk}/do/stop/")
    provider.refresh_from_db()
    assert (provider.enabled, provider.key) == (False, "")


def test_asked_it_says_what_it_has_and_what_is_chosen_is_offered(
    operator: Client, engine_server: Upstream
) -> None:
    provider = connected(operator, engine_server)
    engine_server.models = ["green-1", "green-2", "green-3"]
    page = operator.post(f"{PROVIDERS}{provider.pk}/asked/").content.decode()
    assert "It has 3 models" in page
    assert 'value="green-2"' in page
    assert 'value="green-1"' not in page
    operator.post(f"{PROVIDERS}{provider.pk}/asked/", {"model": ["green-3", "green-1"]})
    assert Model.objects.filter(slug="green-3", input_price=0).exists()
    assert Model.objects.get(slug="green-1").input_price == 500_000


def test_asked_it_may_be_silent(operator: Client, engine_server: Upstream) -> None:
    provider = connected(operator, engine_server)
    Provider.objects.filter(pk=provider.pk).update(url="http://127.0.0.1:1/v1")
    answer = operator.post(f"{PROVIDERS}{provider.pk}/asked/")
    assert (answer.status_code, "does not answer" in answer.content.decode()) == (200, True)


def test_a_model_is_changed_and_a_new_price_is_a_new_version(
    operator: Client, engine_server: Upstream
) -> None:
    connected(operator, engine_server)
    model = Model.objects.get(slug="green-1")
    form = {
        "title": "Green",
        "enabled": "on",
        "order": "5",
        "lowest_tier": "20",
        "alias": "best",
        "can": ["answers", "pictures_in"],
        "context_tokens": "128000",
        "most_output_tokens": "8000",
        "input_price": "0.5",
        "output_price": "2",
        "image_price": "0",
        "minute_price": "0",
    }
    page = f"{MODELS}{model.pk}/do/change/"
    assert 'value="answers"' in operator.get(page).content.decode()
    assert operator.post(page, form).status_code == 302
    model.refresh_from_db()
    assert (model.title, model.alias, model.lowest_tier) == ("Green", "best", 20)
    assert (model.can(Capability.PICTURES_IN), model.can(Capability.TOOLS)) == (True, False)
    assert model.price_version == 1
    operator.post(page, {**form, "output_price": "2.25", "image_price": "0.04"})
    model.refresh_from_db()
    assert (model.output_price, model.image_price, model.price_version) == (2_250_000, 40_000, 2)
    assert AuditEntry.objects.filter(action="engines.model_changed").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"output_price": "-1"},
        {"output_price": "1e9"},
        {"output_price": "NaN"},
        {"context_tokens": "0"},
        {"alias": "a b"},
        {"alias": "vendor/blue:8b"},
        {"can": ["flies"]},
    ],
)
def test_what_does_not_hold_together_is_said_beside_the_field(
    operator: Client, engine_server: Upstream, wrong: dict[str, str]
) -> None:
    connected(operator, engine_server)
    model = Model.objects.get(slug="green-1")
    form = {"title": "Green", "order": "5", "lowest_tier": "0", "context_tokens": "9000"}
    sent = {**form, "most_output_tokens": "100", **wrong}
    assert operator.post(f"{MODELS}{model.pk}/do/change/", sent).status_code == 422


def test_servers_of_this_machine_are_looked_for_only_when_asked(
    operator: Client, engine_server: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "PORTS", {"Ollama": engine_server.port, "vLLM": 1})
    assert "Ollama" in operator.get(f"{PROVIDERS}here/").content.decode()
    assert not engine_server.asked
    page = operator.post(f"{PROVIDERS}here/").content.decode()
    assert "vendor/blue:8b" in page
    assert not Provider.objects.filter(name="Ollama").exists()
    operator.post(f"{PROVIDERS}here/", {"name": "Ollama"})
    assert Provider.objects.get(name="Ollama").offers.count() == 2
    assert "It is connected." in operator.post(f"{PROVIDERS}here/").content.decode()


def test_what_is_no_server_of_models_is_not_found(operator: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert finder.servers_here({"Ollama": silent.getsockname()[1], "vLLM": 1}) == []
    operator.post(f"{PROVIDERS}here/", {"name": "Nonsense"})
    assert not Provider.objects.filter(name="Nonsense").exists()


def test_only_administrators_come_here(db: None, engine_server: Upstream) -> None:
    sally = make.enter(Client(), make.person(username="sally", staff_areas=["finance"]))
    for page in (PROVIDERS, MODELS, f"{PROVIDERS}here/", f"{PROVIDERS}new/"):
        assert sally.get(page).status_code in (403, 404)
