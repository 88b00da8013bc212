"""Makes people with keys and credits, whose calls only credits pay, and connects the engine.

``python -m bench.gateway_made COUNT URL MODEL…`` prints the keys as JSON.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from atrium.engines.actions import Prices, connect  # noqa: E402
from atrium.engines.models import Provider  # noqa: E402
from atrium.kit import clock  # noqa: E402
from atrium.kit.credits import MICRO  # noqa: E402
from atrium.ledger.actions import grant  # noqa: E402
from atrium.metering.actions import let_credits_pay  # noqa: E402
from atrium.options.actions import set_option  # noqa: E402
from atrium.people.actions import create_account, issue_key  # noqa: E402
from atrium.people.caller import Caller  # noqa: E402
from atrium.plans.models import Plan  # noqa: E402

PASSWORD = "correct horse battery"
AT_ONCE = 2_000


def a_key(number: int) -> str:
    now = clock.now()
    person = create_account(
        username=f"program{number}", password=PASSWORD, by="console:bench", at=now
    )
    by = Caller(person=person)
    grant(holder=by.audience, amount=10**9 * MICRO // 1_000, key=f"b{number}", kind="gift", at=now)
    let_credits_pay(by=by, allowed=True, at=now)
    _key, token = issue_key(person=person, name="bench", scopes=["models"], at=now)
    return token


def main(count: int, url: str, models: list[str]) -> None:
    now, prices = clock.now(), Prices(input=MICRO, output=MICRO)
    connect(
        name="Bench", kind="openai", url=url, models=models, prices=prices, by="console", at=now
    )
    Provider.objects.filter(name="Bench").update(at_once=AT_ONCE)
    Plan.objects.update(tokens_per_window=0)
    set_option(key="compat.calls_per_minute", text="10000000", by="console:bench", at=now)
    print(json.dumps([a_key(number) for number in range(count)]))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
