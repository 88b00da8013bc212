"""Which gateways answer. One that did not three times in a row is left alone, longer each time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from atrium.payments.models import GatewayHealth

MOST_FAILURES = 3
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)


def rests_until(slug: str, *, at: datetime) -> datetime | None:
    """Return when the gateway may be asked again by what can wait; None when it may be now."""
    resting = GatewayHealth.objects.filter(slug=slug, rests_until__gt=at)
    return resting.values_list("rests_until", flat=True).first()


def answered(slug: str) -> None:
    """Keep that the gateway answers."""
    GatewayHealth.objects.filter(slug=slug, failures__gt=0).update(failures=0, rests_until=None)


def was_silent(slug: str, *, at: datetime) -> None:
    """Count that it did not, and let it rest when that was too often."""
    with transaction.atomic():
        GatewayHealth.objects.bulk_create([GatewayHealth(slug=slug)], ignore_conflicts=True)
        row = GatewayHealth.objects.filter(slug=slug)
        row.update(failures=F("failures") + 1, failed_at=at)
        failures = row.values_list("failures", flat=True)[0]
        if failures >= MOST_FAILURES:
            row.update(rests_until=at + _rest(failures))


def _rest(failures: int) -> timedelta:
    times = 1 << min(failures - MOST_FAILURES, 10)
    return min(FIRST_REST * times, LONGEST_REST)
