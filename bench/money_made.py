"""Gives ``load`` credits, lets answers cost something, and prints the key of their session.

``python -m bench.money_made hour-later`` forgets what was counted within the hour.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.test import Client  # noqa: E402

from atrium.engines.actions import offer_built_in  # noqa: E402
from atrium.engines.models import Model  # noqa: E402
from atrium.kit import clock  # noqa: E402
from atrium.ledger.actions import grant  # noqa: E402
from atrium.metering.actions import let_credits_pay  # noqa: E402
from atrium.people.caller import Caller  # noqa: E402
from atrium.people.models import Attempt, User  # noqa: E402
from atrium.plans.models import Plan  # noqa: E402

CREDITS = 10**12


def main() -> None:
    person = User.objects.get(username="load")
    offer_built_in()
    Model.objects.update(input_price=1_000_000, output_price=1_000_000)
    Plan.objects.update(tokens_per_window=0)  # so that credits pay for everything
    let_credits_pay(by=Caller(person=person), allowed=True, at=clock.now())
    grant(holder=f"person:{person.pk}", amount=CREDITS, key="load", kind="bonus", at=clock.now())
    browser = Client()
    browser.force_login(person)
    print(browser.session.session_key)


def hour_later() -> None:
    Attempt.objects.all().delete()


if __name__ == "__main__":
    hour_later() if sys.argv[1:] == ["hour-later"] else main()
