"""Every operation is called as its own description allows, and as it does not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from atrium.api.openapi import document
from atrium.engines.actions import offer_built_in
from atrium.kit.limits import Limits
from atrium.people import rates
from tests import make
from tests.api.caller import Program

pytestmark = [pytest.mark.once, pytest.mark.django_db]

description = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
description.app = get_wsgi_application()
LAVISH = Limits(
    api_calls_per_address=10**9, api_calls_per_caller=10**9, api_changes_per_caller=10**9
)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """Call in this process, on the test's own connection, as often as it takes."""
    monkeypatch.setattr(rates, "LIMITS", LAVISH)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    offer_built_in()
    yield Program(make.person())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@description.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_to_its_description(case: Case[Any], program: Program) -> None:
    # What is right in form may still be refused for what it means: a mark of another list, say.
    case.call_and_validate(headers=program.headers, excluded_checks=[positive_data_acceptance])
