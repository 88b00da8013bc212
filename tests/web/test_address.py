import pytest

from atrium.web.address import believed, neighbourhood, region

pytestmark = pytest.mark.once
SPOOFED = "203.0.113.66, 198.51.100.7, 192.0.2.8"


@pytest.mark.parametrize(
    ("proxies", "address"),
    [
        (0, "10.0.0.1"),
        (1, "192.0.2.8"),
        (2, "198.51.100.7"),
        (3, "203.0.113.66"),
        (8, "203.0.113.66"),
    ],
)
def test_as_many_entries_are_believed_as_there_are_proxies(proxies: int, address: str) -> None:
    assert believed("10.0.0.1", SPOOFED, proxies=proxies) == address


@pytest.mark.parametrize(
    "forwarded", ["", "  ", ",,,", "unknown", "<script>", "192.0.2.8:80", "::x"]
)
def test_what_is_no_address_is_the_proxys_own_business(forwarded: str) -> None:
    assert believed("10.0.0.1", forwarded, proxies=1) == "10.0.0.1"


def test_a_socket_without_an_address_is_nowhere() -> None:
    assert believed("", "", proxies=0) == ""
    assert neighbourhood("") == ""


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("192.0.2.8", "192.0.2.8"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("::ffff:192.0.2.8", "192.0.2.8"),
        ("::1", "::"),
    ],
)
def test_one_subscriber_is_one_neighbourhood(address: str, whole: str) -> None:
    assert neighbourhood(address) == whole


@pytest.mark.parametrize(
    ("address", "about"),
    [
        ("192.0.2.8", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.8", "192.0.2.0/24"),
        ("", ""),
    ],
)
def test_a_region_is_where_an_address_lies_about(address: str, about: str) -> None:
    assert region(address) == about
