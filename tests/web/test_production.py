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
    line, answer = asked(house, address)
    page = answer.read().decode()
    cookies = answer.headers.get_all("Set-Cookie") or []
    line.close()

    assert answer.status == (404 if address == "/nowhere" else 200)
    total, parts = score(dict(answer.headers), cookies, page)
    if not cookies:
        total += 5  # nothing to lose and nothing to win without a cookie
    assert total >= 140, parts


@pytest.mark.parametrize("address", ["/sandbox", "/sandbox/checkout/so_1", "/webhooks/sandbox"])
def test_in_production_there_is_no_sandbox(house: House, address: str) -> None:
    method = "POST" if address.startswith("/webhooks") else "GET"
    line, answer = asked(house, address, method)
    assert answer.status == 404
    line.close()


def test_production_refuses_to_boot_with_the_sandbox_on(house: House) -> None:
    house.environment["ATRIUM_SANDBOX"] = "on"
    try:
        refused = house.atrium("check")
    finally:
        del house.environment["ATRIUM_SANDBOX"]
    assert refused.returncode == 1
    assert "ATRIUM_SANDBOX is on" in refused.stderr


def asked(
    house: House, address: str, method: str = "GET"
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    line = http.client.HTTPConnection("127.0.0.1", house.port, timeout=15)
    line.request(method, address, headers={"Host": "atrium.example"})
    return line, line.getresponse()
