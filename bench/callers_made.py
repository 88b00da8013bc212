"""Makes people with a key, a session and credits, and connects an engine whose tokens cost one.

``python -m bench.callers_made COUNT URL MODEL…`` prints what opens the door for each, as JSON; with
``--embeds MODEL`` instead, that one makes vectors from now on.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.test import Client, override_settings  # noqa: E402

from atrium.engines.actions import Prices, connect  # noqa: E402
from atrium.engines.models import Model, Provider  # noqa: E402
from atrium.kit import clock  # noqa: E402
from atrium.kit.credits import MICRO  # noqa: E402
from atrium.ledger.actions import grant  # noqa: E402
from atrium.metering.actions import let_credits_pay  # noqa: E402
from atrium.options.actions import set_option  # noqa: E402
from atrium.people.actions import create_account, issue_key  # noqa: E402
from atrium.people.caller import Caller  # noqa: E402
from atrium.plans.models import Plan  # noqa: E402

PASSWORD = "correct horse battery"
CREDITS = 10**12
AT_ONCE = 2_000


def a_caller(number: int) -> dict[str, str]:
    now = clock.now()
    person = create_account(
        username=f"caller{number}", password=PASSWORD, by="console:bench", at=now
    )
    by = Caller(person=person)
    grant(holder=by.audience, amount=CREDITS, key=f"load{number}", kind="gift", at=now)
    let_credits_pay(by=by, allowed=True, at=now)
    scopes = ["read", "write", "models"]
    key, token = issue_key(person=person, name="bench", scopes=scopes, at=now)
    browser = Client()
    browser.force_login(person)
    session = str(browser.session.session_key)
    return {"id": str(person.pk), "key_id": str(key.pk), "key": token, "session": session}


def main(count: int, url: str, models: list[str]) -> None:
    now, prices = clock.now(), Prices(input=MICRO, output=MICRO)
    connect(
        name="Bench", kind="openai", url=url, models=models, prices=prices, by="console", at=now
    )
    Provider.objects.filter(name="Bench").update(at_once=AT_ONCE)
    Plan.objects.update(tokens_per_window=0)  # so that credits pay for everything
    set_option(key="compat.calls_per_minute", text="10000000", by="console:bench", at=now)
    with override_settings(PASSWORD_HASHERS=["tests.house.quick_passwords.Quick"]):
        print(json.dumps([a_caller(number) for number in range(count)]))


if __name__ == "__main__":
    if sys.argv[1] == "--embeds":
        Model.objects.filter(slug=sys.argv[2]).update(embeds=True)
    else:
        main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
