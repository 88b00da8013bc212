"""allauth counts tries in Django's cache: a table of ours that all processes share."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory

from atrium.jobs.actions import enqueue
from atrium.jobs.inline import run_due
from atrium.kit import clock as house_clock
from atrium.people.models import CachedValue


def consume(key: str, amount: int = 5) -> bool:
    rates = {"knock": f"{amount}/m/key"}
    asked = RequestFactory().post("/")
    return bool(ratelimit.consume(asked, app="test", action="knock", config=rates, key=key))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_the_allowed_number_pass() -> None:
    gate = Barrier(16)

    def knock(_number: int) -> bool:
        gate.wait()
        try:
            return consume("one")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(knock, range(32))) == 5


@pytest.mark.django_db
def test_a_flood_of_other_keys_loses_no_count() -> None:
    assert [consume("one") for _ in range(6)] == [True] * 5 + [False]
    far = house_clock.now() + timedelta(days=1)
    CachedValue.objects.bulk_create(
        CachedValue(cache_key=f":1:a{number:06}", value="", expires=far) for number in range(2_000)
    )
    cache.set("last", 1)
    assert CachedValue.objects.count() >= 2_000
    assert not consume("one")


@pytest.mark.django_db
def test_what_ended_is_cleared_by_the_clock_and_what_counts_stays() -> None:
    now: Any = house_clock.now()
    consume("one")
    CachedValue.objects.create(cache_key="old", value="", expires=now - timedelta(hours=1))
    enqueue("people.forget_ended", at=now)
    run_due()
    assert not CachedValue.objects.filter(cache_key="old").exists()
    assert CachedValue.objects.count() == 1
