"""What floors below ask of plans, without knowing them."""

from atrium.files import quota
from atrium.people.caller import Caller
from atrium.people.paying import register_payments
from atrium.plans.queries import last_payment_of, plan_of


def _storage_of(caller: Caller) -> int | None:
    return plan_of(caller).storage_bytes


quota.of_plan = _storage_of
register_payments(last_payment_of)
