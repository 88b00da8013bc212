"""Links that lead out of the house: through a page that says where to."""

from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

LONGEST = 4_000
SCHEMES = ("http", "https", "mailto")
WAY_OUT = "/leaving"


class Place(NamedTuple):
    """Where a link leads; ``host`` is what decides who answers there."""

    address: str
    before: str
    host: str
    after: str
    is_mail: bool = False
    is_open: bool = False  # anybody on the way may read along
    has_name: bool = False  # something before an @, which people take for the host
    has_foreign_letters: bool = False


def place_of(address: str) -> Place | None:
    """Read a foreign address; None for one that nobody should be led to."""
    address = address.strip()
    if (
        not address
        or len(address) > LONGEST
        or any(ord(one) < 33 or one == "\\" for one in address)
    ):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme == "mailto" and "@" in parts.path:
        return Place(address, "mailto:", parts.path, address[7 + len(parts.path) :], is_mail=True)
    if parts.scheme not in SCHEMES or not host:
        return None
    spelled = parts.netloc.rpartition("@")[2]
    start = address.index("//") + 2 + len(parts.netloc) - len(spelled)
    return Place(
        address,
        address[:start],
        spelled,
        address[start + len(spelled) :],
        is_open=parts.scheme == "http",
        has_name="@" in parts.netloc,
        has_foreign_letters=not host.isascii() or "xn--" in host,
    )


def way_out(address: str) -> str | None:
    """Return the address of the page that asks before a browser goes to ``address``."""
    place = place_of(address)
    return place and f"{WAY_OUT}?{urlencode({'to': place.address}, quote_via=quote)}"


def shortened(address: str, *, most: int = 100) -> str:
    """Return an address as people read it, cut where it is long."""
    return address if len(address) <= most else f"{address[: most - 1]}…"
