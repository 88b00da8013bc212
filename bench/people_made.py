"""Makes people who are signed in, each with three chats: ``python -m bench.people_made COUNT``.

Prints the keys of their sessions as JSON.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")
django.setup()

from django.test import Client  # noqa: E402

from atrium.chat.actions import start_chat  # noqa: E402
from atrium.kit import clock  # noqa: E402
from atrium.people.actions import change_profile, create_account  # noqa: E402
from atrium.people.caller import Caller  # noqa: E402

PASSWORD = "correct horse battery"
CHATS = ("Leaves in the autumn", "A letter to the council", "What to plant in May")


def signed_in(number: int) -> str:
    now = clock.now()
    person = create_account(
        username=f"person{number}",
        password=PASSWORD,
        email=f"person{number}@example.org",
        by="console:bench",
        at=now,
    )
    person = change_profile(person=person, bio="Grows beans, and asks about them.", at=now)
    for title in CHATS:
        chat = start_chat(by=Caller(person=person), at=now)
        chat.title = title
        chat.save()
    browser = Client()
    browser.force_login(person)
    return str(browser.session.session_key)


if __name__ == "__main__":
    print(json.dumps([signed_in(number) for number in range(int(sys.argv[1]))]))
