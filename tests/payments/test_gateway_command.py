import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from atrium.payments.gateways import registry
from atrium.payments.gateways.registry import Need
from atrium.payments.gateways.setup import keys_of
from atrium.payments.queries import gateways_for
from tests import make
from tests.payments.conftest import Counter

pytestmark = pytest.mark.django_db


class Till(Counter):
    slug = "till"
    title = "Till"


@pytest.fixture(autouse=True)
def _till() -> Iterator[None]:
    needs = (Need("secret", "Secret key"), Need("api_url", "Address"))
    registry.register(
        "till", lambda: Till() if keys_of("till").get("secret") else None, needs=needs
    )
    yield
    registry.forget("till")


def gateway(*words: str) -> Any:
    out = StringIO()
    call_command("gateway", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def offered() -> list[str]:
    return [one.slug for one in gateways_for("USD", make.caller(None)) if one.slug != "sandbox"]


def test_a_gateway_is_offered_once_it_is_connected() -> None:
    told = gateway("connect", "till", "--set", "secret=abc", "--api-url", "http://127.0.0.1:9")
    assert told["is_offered"] is True
    assert told["keys"] == ["api_url", "secret"]  # their names alone
    assert offered() == ["till"]
    assert keys_of("till") == {"secret": "abc", "api_url": "http://127.0.0.1:9"}


def test_a_key_can_come_from_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("a=b\n"))
    gateway("connect", "till", "--set", "secret=-")
    assert keys_of("till")["secret"] == "a=b"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(CommandError, match="secret, api_url"):
        gateway("connect", "till")
    assert offered() == []


def test_disconnected_it_keeps_its_keys_and_is_not_offered() -> None:
    gateway("connect", "till", "--set", "secret=abc", "--currencies", "usd", "--order", "7")
    assert gateway("disconnect", "till")["is_offered"] is False
    assert offered() == []
    assert keys_of("till")["secret"] == "abc"


def test_every_gateway_is_listed() -> None:
    found = {one["name"]: one for one in gateway("list")}
    assert found["till"]["needs"] == ["secret", "api_url"]
    assert found["sandbox"]["is_offered"] is True


@pytest.mark.parametrize(
    "words",
    [
        ("connect", "nowhere"),
        ("connect",),
        ("connect", "till", "--set", "secret"),
        ("connect", "till", "--set", "=abc"),
        ("connect", "till", "--set", "colour=red"),
        ("connect", "till", "--set", "secret=abc", "--currencies", "doubloons"),
    ],
)
def test_what_cannot_be_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        gateway(*words)
    assert offered() == []
