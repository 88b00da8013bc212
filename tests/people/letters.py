"""What lies in the letters that were sent."""

import re
from typing import Any

from atrium.jobs.inline import run_due

_LINK = re.compile(r"^https?://\S+$", re.M)


def arrived(mailoutbox: list[Any]) -> list[tuple[str, str]]:
    """Send what waits, and return whom each letter went to and its title."""
    run_due()
    return [(letter.to[0], letter.subject) for letter in mailoutbox]


def link_in(letter: Any) -> str:
    """Return the link of a letter, which leads to the public address."""
    found = _LINK.search(str(letter.body))
    assert found, letter.body
    return found[0]


def path_in(letter: Any) -> str:
    link = link_in(letter)
    return "/" + link.split("/", 3)[3]


def token_in(letter: Any) -> str:
    return link_in(letter).rpartition("/")[2]
