from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps

from atrium.payments.gateways import registry
from atrium.plans.models import Plan
from tests.plans.till import Till


@pytest.fixture
def till(db: None) -> Iterator[Till]:
    """A gateway that is set up, beside the tiers that a flushed database has lost."""
    if not Plan.objects.exists():
        import_module("atrium.plans.migrations.0002_the_tiers").add(apps, None)
    made = Till()
    registry.register(made.slug, lambda: made)
    yield made
    registry.forget(made.slug)
