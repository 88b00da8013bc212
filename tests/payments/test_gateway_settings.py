from collections.abc import Iterator
from typing import Any

import pytest

from atrium.audit.models import AuditEntry
from atrium.kit import clock, sealed
from atrium.payments.actions import CannotPayWith
from atrium.payments.actions.gateways import NotASetup, set_up_gateway
from atrium.payments.gateways import registry
from atrium.payments.gateways.registry import Need
from atrium.payments.gateways.setup import keys_of
from atrium.payments.models import GatewaySetting
from atrium.payments.queries import gateways_for
from atrium.people.models import User
from tests import make
from tests.payments.conftest import Counter, Jar
from tests.payments.knocking import a_payment

pytestmark = pytest.mark.django_db


class Till(Counter):
    """A gateway that is there as soon as it has its key."""

    slug = "till"
    title = "Till"


@pytest.fixture
def till() -> Iterator[Any]:
    needs = (Need("secret", "Secret key"), Need("hook", "Webhook secret"))
    registry.register(
        "till", lambda: Till() if keys_of("till").get("secret") else None, needs=needs
    )
    yield
    registry.forget("till")


def set_up(slug: str = "till", **more: Any) -> Any:
    told = {"is_enabled": True, "currencies": "", "order": 100, "keys": {}, **more}
    return set_up_gateway(slug=slug, by="system", at=clock.now(), **told)


def offered(currency: str) -> list[str]:
    found = [gateway.slug for gateway in gateways_for(currency, make.caller(None))]
    return [slug for slug in found if slug != "sandbox"]


def test_a_gateway_is_offered_when_it_has_its_keys_and_is_switched_on(
    till: Till, counter: Counter
) -> None:
    assert offered("USD") == ["counter"]
    set_up(keys={"secret": "abc"}, order=5)
    assert offered("USD") == ["till", "counter"]
    set_up(is_enabled=False)
    assert offered("USD") == ["counter"]
    assert keys_of("till")["secret"] == "abc"


def test_currencies_may_be_fewer_than_it_takes_and_never_more(counter: Counter) -> None:
    set_up("counter", currencies="eur, NPR")
    assert offered("EUR") == ["counter"]
    assert offered("USD") == []
    assert offered("NPR") == []


def test_no_payment_is_opened_where_it_is_not_offered(
    alice: User, counter: Counter, jar: Jar
) -> None:
    set_up("counter", is_enabled=False)
    with pytest.raises(CannotPayWith):
        a_payment(alice)


def test_keys_are_sealed_and_never_written_down(till: Till) -> None:
    set_up(keys={"secret": "very secret", "hook": "also"})
    row = GatewaySetting.objects.get()
    assert "very secret" not in row.sealed_keys
    assert row.keys == {"secret": "very secret", "hook": "also"}
    entry = AuditEntry.objects.filter(action="payments.gateway_set_up").latest("pk")
    assert "very secret" not in str(entry.detail)
    assert "payments.GatewaySetting.sealed_keys" in {column.key for column in sealed.every_column()}


def test_a_key_that_is_not_named_stays_and_an_empty_one_goes(till: Till) -> None:
    set_up(keys={"secret": "a", "hook": "b"})
    set_up(keys={"hook": ""})
    assert GatewaySetting.objects.get().keys == {"secret": "a"}


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("currencies", {"currencies": "USD XXX"}),
        ("keys", {"keys": {"sceret": "a"}}),
        ("slug", {"slug": "nobody"}),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(till: Till, field: str, told: Any) -> None:
    with pytest.raises(NotASetup) as refused:
        set_up(**told)
    assert field in refused.value.fields
    assert not GatewaySetting.objects.exists()
