"""A real worker that also knows the tests' facts."""

import os
import sys

sys.path.insert(0, os.getcwd())  # noqa: PTH109
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from tests.events import facts  # noqa: E402, F401

if __name__ == "__main__":
    call_command("worker", *sys.argv[1:])
