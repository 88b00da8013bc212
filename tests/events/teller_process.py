"""Another process that tells: ``teller_process.py tell|whisper AUDIENCE COUNT``."""

import os
import sys

sys.path.insert(0, os.getcwd())  # noqa: PTH109
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")

import django

django.setup()

from atrium.events.actions import tell, whisper  # noqa: E402
from atrium.kit import clock  # noqa: E402

if __name__ == "__main__":
    how, audience, count = sys.argv[1:]
    for number in range(int(count)):
        if how == "tell":
            tell(audience, "note", {"number": number}, at=clock.now())
        else:
            whisper(audience, "note", {"number": number})
    # Hints leave in a thread of their own: stay until we are told to go.
    sys.stdin.read()
