"""Which addresses of the internet are public, however they are wrapped."""

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

Address = IPv4Address | IPv6Address

# Written out rather than left to ``is_global``, whose answer differs from one Python to the next
# and which calls wrapped loopback global.
_PRIVATE_4 = [
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "168.63.129.16/32",  # a cloud's own service, at an address that looks public
    )
]
_PUBLIC_6 = IPv6Network("2000::/3")
_PRIVATE_6 = [IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "3fff::/20")]
_NAT64, _SIX_TO_FOUR, _TEREDO = (
    IPv6Network(one) for one in ("64:ff9b::/96", "2002::/16", "2001::/32")
)
_EARLIEST_MAPPED = IPv6Network("::/96")
_LOCAL_TUNNEL = (0x0000_5EFE, 0x0200_5EFE)


def is_public(text: str) -> bool:
    """Tell whether this is a public address, and so is every address that is wrapped in it."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return _is_public_4(address)
    inside = _wrapped(address)
    if not all(_is_public_4(one) for one in inside):
        return False
    return bool(inside) or _is_public_6(address)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _PRIVATE_4)


def _is_public_6(address: IPv6Address) -> bool:
    inside = address in _PUBLIC_6 and address.is_global
    return inside and not any(address in network for network in _PRIVATE_6)


def _wrapped(address: IPv6Address) -> list[IPv4Address]:
    number = int(address)
    last = IPv4Address(number & 0xFFFF_FFFF)
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address in _NAT64 or address in _EARLIEST_MAPPED:
        return [last]
    if address in _SIX_TO_FOUR:
        return [IPv4Address(number >> 80 & 0xFFFF_FFFF)]
    if address in _TEREDO and address.teredo:
        return list(address.teredo)
    if number >> 32 & 0xFFFF_FFFF in _LOCAL_TUNNEL:
        return [last]
    return []
