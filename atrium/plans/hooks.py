"""What floors below ask of plans, without knowing them."""

from atrium.files import quota
from atrium.people.caller import Caller
from atrium.plans.queries import plan_of


def _storage_of(caller: Caller) -> int | None:
    return plan_of(caller).storage_bytes


quota.of_plan = _storage_of
