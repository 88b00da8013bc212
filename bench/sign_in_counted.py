"""Serves the house as ever, and adds a byte to a file for each password that is really hashed.

``python -m bench.sign_in_counted FILE serve``
"""

import os
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atrium.settings")


def count(way: Callable[..., Any], file: int) -> Callable[..., Any]:
    def counted(*args: Any, **kwargs: Any) -> Any:
        os.write(file, b".")
        return way(*args, **kwargs)

    return counted


if __name__ == "__main__":
    import django

    django.setup()
    from django.core.management import execute_from_command_line

    from atrium.people.passwords import Argon2

    kept = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for name in ("verify", "encode"):
        setattr(Argon2, name, count(getattr(Argon2, name), kept))
    execute_from_command_line(["atrium", *sys.argv[2:]])
